import Foundation

/// Brings a catalogue file into a gateway: products in batches, then their stock.
///
/// What has been done is read off the gateway and nowhere else, so an import may be broken off at any moment, by
/// whatever, and run again: a product that is there is left, or brought up to the file, and its SKUs get their stock if
/// it has never moved.
public struct CatalogueImport: Sendable {
    /// Batches under way at once: enough to keep a node busy.
    private static let concurrency = 4
    /// Half of what the gateway takes in one request, because the JSON around the text is not counted.
    private static let batchBytesMax = 512 * 1024

    public struct Options: Sendable {
        /// Brings products that are there up to the file, and says what that changes.
        public var updates = false
        /// Whether a product that is brought up to the file keeps the variants that the file leaves out.
        public var keepsVariants = false
        /// Only says what would be done.
        public var dryRun: DryRun?

        public init(updates: Bool = false, keepsVariants: Bool = false, dryRun: DryRun? = nil) {
            self.updates = updates
            self.keepsVariants = keepsVariants
            self.dryRun = dryRun
        }
    }

    /// Nothing is sent but questions.
    public struct DryRun: Sendable {
        let problem: @Sendable (_ product: [UInt8]) -> [UInt8]?

        /// - Parameter problem: the problem document that the product of a body of `POST /products` would be refused
        ///   with, whatever the shop holds; nil when it would not.
        public init(problem: @escaping @Sendable (_ product: [UInt8]) -> [UInt8]?) { self.problem = problem }

        /// Why no gateway takes the product.
        func refusal(of product: NewProduct) throws -> Problem? {
            guard let document = problem([UInt8](try JSON.encoder.encode(product))) else { return nil }
            return try JSON.decoder.decode(Problem.self, from: Data(document))
        }
    }

    private struct ProductBatch: Sendable {
        let number: Int
        let products: [CatalogueProduct]
    }

    private let path: String
    private let client: GatewayClient
    private let status: StatusLine
    private let options: Options
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: takes each change, a line at a time; nil prints them beside what is rejected.
    public init(
        path: String, client: GatewayClient, status: StatusLine, options: Options = Options(),
        tell: (@Sendable (String) -> Void)? = nil
    ) {
        self.path = path
        self.client = client
        self.status = status
        self.options = options
        self.tell = tell ?? { status.print($0) }
    }

    /// Imports the file. Rows that are not in the catalogue afterwards are printed with their number and reason.
    ///
    /// - Throws: what ends an import early, such as an unreadable file or a refused token. Run it again to go on.
    public func run() async throws -> ImportReport {
        let start = ContinuousClock.now
        var file = try CatalogueFile(path: path)
        let survey = file.survey
        let tally = ImportTally()
        // The keys serve the retries of this run; another run asks what is there.
        let key = "import-\(UUID().uuidString)"
        let batches = BatchImport(
            client: client, catalogue: RemoteCatalogue(client: client), columns: file.columns, options: options,
            tally: tally, claims: ProductClaims(), tell: tell)

        var number = -1
        try await forEachConcurrently(
            from: { () async throws -> ProductBatch? in
                let products = try await nextProducts(&file, tally)
                number += 1
                return products.isEmpty ? nil : ProductBatch(number: number, products: products)
            }, limit: Self.concurrency
        ) { batch in
            let rejections = try await batches.bring(batch.products, key: "\(key)-\(batch.number)")
            for rejection in rejections { status.print("\(rejection)") }
            await tally.rejected(rejections)
            let count = await tally.done(batch.products.count)
            status.show("\(StatusLine.bar(count, of: survey.products)) \(count) of \(survey.products) products")
        }
        status.clear()

        var report = await tally.report
        report.rows = survey.rows
        report.durationSeconds = (ContinuousClock.now - start).seconds
        return report
    }

    /// The next good products of the file; the rows of bad ones are printed on the way.
    private func nextProducts(_ file: inout CatalogueFile, _ tally: ImportTally) async throws -> [CatalogueProduct] {
        var products: [CatalogueProduct] = []
        var bytes = 0
        while products.count < NewProducts.countMax, bytes < Self.batchBytesMax, let item = try file.next() {
            var bad: [RowRejection] = []
            switch item {
            case .rejected(let rejection): bad = [rejection]
            case .product(let product) where product.isWhole:
                products.append(product)
                bytes += product.bytes
            case .product(let product): bad = product.rejectionsOfAll
            }
            for rejection in bad { status.print("\(rejection)") }
            await tally.rejected(bad)
        }
        return products
    }
}

/// What an import has done so far.
actor ImportTally {
    private(set) var report = ImportReport()
    private var products = 0

    /// - Returns: the products looked at so far.
    func done(_ count: Int) -> Int {
        products += count
        return products
    }

    func created() { report.productsCreated += 1 }
    func existing() { report.productsExisting += 1 }
    func updated() { report.productsUpdated += 1 }
    func received(_ units: Int64) { report.unitsReceived += units }
    func counted() { report.stocksAdjusted += 1 }
    func rejected(_ rows: [RowRejection]) { report.rowsRejected += rows.count }
}

/// Why an import ended early.
public enum ImportFault: Error, Equatable, CustomStringConvertible {
    case refused(what: String, rows: [Int], reason: String)

    public var description: String {
        switch self {
        case .refused(let what, let rows, let reason):
            "the gateway refuses \(what) of the rows \(rows.min() ?? 0) to \(rows.max() ?? 0): \(reason); "
                + "what was imported so far is kept, run the import again to go on"
        }
    }
}
