import Foundation
import Testing

@testable import Workload

@Suite struct CatalogueFileTests {
    func items(_ text: String) throws -> [CatalogueFile.Item] {
        var file = try CatalogueFile(path: catalogueFile(text))
        var items: [CatalogueFile.Item] = []
        while let item = try file.next() { items.append(item) }
        return items
    }

    func products(_ text: String) throws -> [NewProduct] {
        try items(text).map { item in
            guard case .product(let product) = item, product.rejections.isEmpty else {
                throw ImportFault.refused(what: "", rows: [], reason: "\(item)")
            }
            return product.request
        }
    }

    func rejections(_ text: String) throws -> [String] {
        try items(text).flatMap { item in
            switch item {
            case .product(let product): product.rejectionsOfAll
            case .rejected(let rejection): [rejection]
            }
        }.map(\.description)
    }

    @Test func rowsOfOneHandleBecomeVariantsWhereverTheyStand() throws {
        let products = try products(
            """
            handle,sku,title,description,brand,category,price,currency,image_urls,attributes,quantity,active
            shirt,S-M,Shirt,Soft,Acme,Clothes,19.5,EUR,http://x/1.jpg | http://x/2.jpg,fabric=linen|size=M,3,
            ,MUG,Mug,,,,7,GBP,,,,false
            shirt,S-L,Shirt large,,Acme,,21,EUR,http://x/2.jpg,size=L|fabric=linen,,true
            ,TEA,Tea,,,,300,JPY,,,,
            """)
        #expect(
            products == [
                NewProduct(
                    title: "Mug", active: false,
                    variants: [.init(sku: "MUG", price: Money(amount: 700, currency: "GBP"))]),
                NewProduct(
                    title: "Shirt", description: "Soft", brand: "Acme", category: "Clothes",
                    attributes: ["fabric": "linen"], imageUrls: ["http://x/1.jpg", "http://x/2.jpg"], active: true,
                    variants: [
                        .init(sku: "S-M", price: Money(amount: 19_50, currency: "EUR"), attributes: ["size": "M"]),
                        .init(
                            sku: "S-L", price: Money(amount: 21_00, currency: "EUR"), title: "Shirt large",
                            attributes: ["size": "L"]),
                    ]),
                NewProduct(
                    title: "Tea", active: true,
                    variants: [.init(sku: "TEA", price: Money(amount: 300, currency: "JPY"))]),
            ])
    }

    @Test(arguments: [
        (",T,1,EUR,,", "row 2: there is no SKU"),
        ("A,,1,EUR,,", "row 2: there is no title"),
        ("A,T,x,EUR,,", "row 2: the price \"x\" is not a decimal number"),
        ("A,T,0.001,EUR,,", "row 2: the price \"0.001\" has a fraction of the smallest coin"),
        ("A,T,1.5,JPY,,", "row 2: the price \"1.5\" has a fraction of the smallest coin"),
        ("A,T,-1,EUR,,", "row 2: the price -1 is below zero"),
        ("A,T,1,eur,,", "row 2: \"eur\" is not an ISO 4217 code such as EUR"),
        ("A,T,1,EUR,-1,", "row 2: the quantity \"-1\" is not a whole number from 0"),
        ("A,T,1,EUR,1.5,", "row 2: the quantity \"1.5\" is not a whole number from 0"),
        ("A,T,1,EUR,,red", "row 2: the attributes \"red\" are not of the form name=value|name=value"),
        ("A,T,1,EUR,,a=1|a=2", "row 2: the attributes \"a=1|a=2\" are not of the form name=value|name=value"),
        ("A,T,1,EUR,", "row 2: it has 5 fields and the header 6"),
        ("\"A\"x,T,1,EUR,,", "row 2: text follows a closing quote"),
    ])
    func aRowThatCannotBeAVariantIsRejectedWithItsReason(row: String, reason: String) throws {
        #expect(try rejections("sku,title,price,currency,quantity,attributes\n\(row)\nB,Good,1,EUR,,\n") == [reason])
    }

    @Test func aProductWithABadRowIsLeftOutWhole() throws {
        let header = "handle,sku,title,brand,price,currency\n"
        #expect(
            try rejections(header + "h,A,T,Acme,1,EUR\nh,B,,Other,1,EUR\n,C,T,,1,EUR") == [
                "row 2: left out, because row 3 of the same product is bad",
                "row 3: the brand is another than on row 2 of the same product",
            ])
        #expect(
            try rejections(header + "h,A,T,,1,EUR\n,A,T,,2,EUR") == ["row 3: the SKU A stands on row 2 already"])
    }
}

@Suite struct CatalogueImportTests {
    let stub = StubGateway()

    /// 250 products, of which the third has two variants, 3 units of each SKU.
    static let catalogue =
        "handle,sku,title,price,currency,quantity\n"
        + (1...250).map { "h\($0),SKU-\($0),Article \($0),9.99,EUR,3\n" }.joined()
        + "h3,SKU-3b,Article 3 b,9.99,EUR,3\n"

    func run(_ path: String, patience: Duration = .seconds(20), attempt: Duration = .seconds(10)) async throws
        -> ImportReport
    {
        try await stub.serve { address in
            try await address.withClient(patience: patience, attempt: attempt) { client in
                try await CatalogueImport(path: path, client: client, status: StatusLine()).run()
            }
        }
    }

    @Test func everyProductAndItsStockArrive() async throws {
        let path = try catalogueFile(Self.catalogue)
        let report = try await run(path)
        #expect((report.rows, report.productsCreated, report.rowsRejected, report.unitsReceived) == (251, 250, 0, 753))
        let onHand = await stub.onHand
        #expect(onHand.count == 251)
        #expect(onHand.values.allSatisfy { $0 == 3 })
        #expect(!FileManager.default.fileExists(atPath: "\(path).progress"))
    }

    @Test func runningItAgainChangesNothing() async throws {
        let path = try catalogueFile(Self.catalogue)
        _ = try await run(path)
        _ = try await run(path)
        #expect(await stub.productCount == 250)
        #expect(await stub.onHand.values.allSatisfy { $0 == 3 })
    }

    @Test func anImportBrokenOffGoesOnWhereItWas() async throws {
        let path = try catalogueFile(Self.catalogue)
        // Two batches are stocked, the third finds a gateway that does not answer any more.
        await stub.set { $0.faults["/inventory/batch"] = [.refuse(status: 201, retryAfter: nil)] }
        await #expect(throws: ImportFault.self) { try await run(path) }
        #expect(FileManager.default.fileExists(atPath: "\(path).progress"))

        let report = try await run(path)
        #expect(report.productsSkipped + report.productsCreated == 250)
        let onHand = await stub.onHand
        #expect(onHand.count == 251)
        #expect(onHand.values.allSatisfy { $0 == 3 })
        #expect(!FileManager.default.fileExists(atPath: "\(path).progress"))
    }

    @Test func batchesThatAreDoneAreNotSentAgain() async throws {
        let path = try catalogueFile(Self.catalogue + "bad,,No SKU,1,EUR,\n")
        let first = try await run(path)
        #expect((first.productsCreated, first.rowsRejected) == (250, 1))
        await stub.set { $0.requests = [] }
        // On the same port, because progress belongs to one gateway.
        let progress = "\(path).progress"
        let header = try String(contentsOfFile: progress, encoding: .utf8).split(separator: "\n")[0]
        let port = try #require(Int(header.split(separator: ":").last ?? ""))
        let stub = stub
        let second = try await stub.serve(port: port) { address in
            try await address.withClient {
                try await CatalogueImport(path: path, client: $0, status: StatusLine()).run()
            }
        }
        #expect((second.productsSkipped, second.productsCreated, second.rowsRejected) == (250, 0, 1))
        #expect(await stub.requests == ["GET /inventory/SKU-1"])
    }

    @Test func progressOfAnotherGatewayOrAnEmptiedOneIsNotBelieved() async throws {
        let path = try catalogueFile(Self.catalogue)
        let digest = try CatalogueFile(path: path).survey.digest
        let stub = stub
        let report = try await stub.serve { address in
            let text = "cloudretail import 1 \(digest) \(address)\n0 SKU-1\n1 SKU-101\n2 SKU-3\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path).progress"))
            return try await address.withClient {
                try await CatalogueImport(path: path, client: $0, status: StatusLine()).run()
            }
        }
        #expect((report.productsCreated, report.productsSkipped) == (250, 0))
    }

    @Test func lostAnswersLoseNothing() async throws {
        await stub.set {
            $0.faults["/products/batch"] = [.loseAnswer]
            $0.faults["/inventory/batch"] = [.loseAnswer, .refuse(status: 503, retryAfter: nil)]
        }
        let report = try await run(catalogueFile(Self.catalogue), attempt: .seconds(1))
        #expect((report.productsCreated, report.unitsReceived) == (250, 753))
        #expect(await stub.onHand.values.allSatisfy { $0 == 3 })
    }

    @Test func aProductThatTheGatewayChokesOnCostsNoOther() async throws {
        let path = try catalogueFile("sku,title,price,currency\n" + (1...4).map { "S\($0),T,1,EUR\n" }.joined())
        let refusal = StubGateway.Fault.refuse(status: 422, retryAfter: nil)
        // The four, their first half, and the first of that.
        await stub.set { $0.faults["/products/batch"] = [refusal, refusal, refusal] }
        let report = try await run(path)
        #expect((report.productsCreated, report.rowsRejected) == (3, 1))
        #expect(await stub.onHand.keys.sorted() == ["S2", "S3", "S4"])
    }

    @Test func productsThatExistAreLeftAsTheyAre() async throws {
        await stub.set { $0.onHand["SKU-7"] = 1 }
        let report = try await run(catalogueFile(Self.catalogue))
        #expect((report.productsCreated, report.productsExisting, report.rowsRejected) == (249, 1, 0))
        #expect(await stub.onHand["SKU-7"] == 1)
    }
}

func catalogueFile(_ text: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("catalogue.csv")
    try Data(text.utf8).write(to: file)
    return file.path
}
