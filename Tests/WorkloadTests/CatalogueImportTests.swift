import Foundation
import Synchronization
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
            guard case .product(let product) = item, product.isWhole else {
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
        ("A,T,1,EUR,-1,", "row 2: the quantity \"-1\" is not a whole number from 0 to 1000000000000"),
        (
            "A,T,1,EUR,2000000000000,",
            "row 2: the quantity \"2000000000000\" is not a whole number from 0 to 1000000000000"
        ),
        ("A,T,1,XXX,1,", "row 2: \"XXX\" is not an ISO 4217 code such as EUR"),
        ("A,T,1.23456,CLF,1,", "row 2: the price \"1.23456\" has a fraction of the smallest coin"),
        ("A,T,1.5,UYI,1,", "row 2: the price \"1.5\" has a fraction of the smallest coin"),
        ("A,T,1,EUR,1.5,", "row 2: the quantity \"1.5\" is not a whole number from 0 to 1000000000000"),
        ("A,T,1,EUR,,red", "row 2: the attributes \"red\" are not of the form name=value|name=value"),
        ("A,T,1,EUR,,a=1|a=2", "row 2: the attributes \"a=1|a=2\" are not of the form name=value|name=value"),
        ("A,T,1,EUR,", "row 2: it has 5 fields and the header 6"),
        ("\"A\"x,T,1,EUR,,", "row 2: text follows a closing quote"),
    ])
    func aRowThatCannotBeAVariantIsRejectedWithItsReason(row: String, reason: String) throws {
        #expect(try rejections("sku,title,price,currency,quantity,attributes\n\(row)\nB,Good,1,EUR,,\n") == [reason])
    }

    @Test(arguments: [
        ("1.23", "CLF", 12_300), ("100", "UYI", 100), ("1.2345", "UYW", 12_345), ("1.234", "BHD", 1_234),
        ("1.23", "EUR", 123), ("7", "ISK", 7), ("1.5", "HUF", 150),
    ])
    func pricesAreCountedInTheMinorUnitOfTheirCurrency(price: String, currency: String, amount: Int64) throws {
        let products = try products("sku,title,price,currency\nA,T,\(price),\(currency)\n")
        #expect(products.map(\.variants[0].price) == [Money(amount: amount, currency: currency)])
    }

    static let shirts =
        "handle,sku,title,price,currency\nshirt,S-1,Shirt,1,EUR\n%\nshirt,S-3,Shirt,1,EUR\n,MUG,Mug,1,EUR\n"

    /// A stray comma on either side of the handle, a missing one, quotation marks that do not close, broken UTF-8.
    @Test(arguments: [
        "shirt,S-2,Shirt,red,1,EUR", ",shirt,S-2,Shirt,1,EUR", "shirtS-2,Shirt,1,EUR", "shirt,S-2,\"Shirt\" 2,1,EUR",
        "shirt,\"S-2\"x,Shirt,1,EUR", "oops,1,EUR",
    ])
    func aRowThatCannotBeReadSpoilsTheProductThatItMayBelongTo(row: String) throws {
        let text = Self.shirts.replacing("%", with: row)
        let rejections = try rejections(text)
        #expect(rejections.count == 3, "\(rejections)")
        #expect(
            rejections.contains("row 2: left out, because row 3 cannot be read and may belong to the same product"))
        #expect(rejections.contains { $0.hasPrefix("row 3: ") })
        let good = try items(text).filter { if case .product(let product) = $0 { product.isWhole } else { false } }
        #expect(good.count == 1)
    }

    @Test func aRowThatCannotBeReadSpoilsNoProductThatHasAllItsRows() throws {
        let text = "handle,sku,title,price,currency\nmug,M-1,Mug,1,EUR\npot,P-1,Pot,red,1,EUR\ncup,C-1,Cup,1,EUR\n"
        #expect(try rejections(text) == ["row 3: it has 6 fields and the header 5"])
    }

    @Test func aQuotationMarkThatIsNotClosedSpoilsTheProductsOfTheRowsThatItSwallows() throws {
        let text = Self.shirts.replacing("%", with: "mug,M-2,\"Mug,1,EUR")
        #expect(
            try rejections(text) == [
                "row 2: left out, because row 3 cannot be read and may belong to the same product",
                "row 3: a quote is never closed",
            ])
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

        let report = try await run(path)
        #expect(report.productsExisting + report.productsCreated == 250)
        let onHand = await stub.onHand
        #expect(onHand.count == 251)
        #expect(onHand.values.allSatisfy { $0 == 3 })
    }

    @Test func theSameProductsInAnotherFileAreThereAlready() async throws {
        _ = try await run(catalogueFile(Self.catalogue))
        let again = try await run(catalogueFile(Self.catalogue))
        #expect((again.productsCreated, again.productsExisting, again.unitsReceived) == (0, 250, 0))
        // A new gateway knows nothing of the old one's keys.
        await stub.set { $0.keys = [:] }
        let later = try await run(catalogueFile(Self.catalogue + "new,NEW,New,1,EUR,2\n"))
        #expect((later.productsCreated, later.productsExisting, later.unitsReceived) == (1, 250, 2))
    }

    @Test(arguments: [true, false])
    func eachRowThatIsNotInTheCatalogueIsCounted(namesHolders: Bool) async throws {
        await stub.set { $0.namesHolders = namesHolders }
        let header = "handle,sku,title,price,currency,quantity\n"
        _ = try await run(catalogueFile(header + "a,A,Ah,1,EUR,3\nb,B,Be,1,EUR,3\n"))
        let report = try await run(
            catalogueFile(header + "x,NEW,New,1,EUR,3\nx,A,Ah,1,EUR,3\ny,B,Be,1,EUR,3\n"))
        #expect((report.productsCreated, report.productsExisting, report.rowsRejected) == (0, 2, 1))
        let both = try await run(catalogueFile(header + "z,A,Ah,1,EUR,3\nz,B,Be,1,EUR,3\n"))
        #expect((both.productsExisting, both.rowsRejected) == (1, 1))
        #expect(await stub.onHand == ["A": 3, "B": 3])
    }

    @Test func aRerunReceivesTheStockThatAnEarlierRunLeft() async throws {
        let header = "sku,title,price,currency,quantity\n"
        _ = try await run(catalogueFile(header + "A,Ah,1,EUR,\nB,Be,1,EUR,2\n"))
        let report = try await run(catalogueFile(header + "A,Ah,1,EUR,5\nB,Be,1,EUR,9\n"))
        #expect((report.productsExisting, report.unitsReceived, report.stocksAdjusted) == (2, 5, 0))
        #expect(await stub.onHand == ["A": 5, "B": 2])
    }

    @Test func oneRowWithTooManyUnitsKeepsOutItsProductOnly() async throws {
        let text = "sku,title,price,currency,quantity\nA,T,1,EUR,1\nB,T,1,EUR,2000000000000\nC,T,1,EUR,3\n"
        let report = try await run(catalogueFile(text))
        #expect((report.productsCreated, report.rowsRejected, report.unitsReceived) == (2, 1, 4))
        let corrected = try await run(catalogueFile(text.replacing("2000000000000", with: "2")))
        #expect((corrected.productsCreated, corrected.productsExisting, corrected.rowsRejected) == (1, 2, 0))
        #expect(await stub.onHand == ["A": 1, "B": 2, "C": 3])
    }

    @Test func aReceiptThatTheGatewayChokesOnCostsNoOther() async throws {
        let refusal = StubGateway.Fault.refuse(status: 422, retryAfter: nil)
        await stub.set { $0.faults["/inventory/batch"] = [refusal, refusal, refusal] }
        let report = try await run(
            catalogueFile("sku,title,price,currency,quantity\n" + (1...4).map { "S\($0),T,1,EUR,1\n" }.joined()))
        #expect((report.productsCreated, report.rowsRejected, report.unitsReceived) == (4, 1, 3))
    }

    // MARK: - Updating

    static let before = """
        handle,sku,title,description,price,currency,attributes,quantity,active
        shirt,S-M,Shirt,Soft,19.5,EUR,fabric=linen|size=M,3,
        shirt,S-L,Shirt,,21,EUR,fabric=linen|size=L,4,
        ,MUG,Mug,,7,GBP,,5,true
        ,TEA,Tea,,300,JPY,,6,

        """

    static let after = """
        handle,sku,title,description,price,currency,attributes,quantity,active
        shirt,S-M,Shirt,Softer,18.5,EUR,fabric=linen|size=M,3,
        shirt,S-XL,Shirt,,21,EUR,fabric=linen|size=XL,8,
        ,MUG,Cup,,7,GBP,,0,false
        ,TEA,Tea,,300,JPY,,,

        """

    static let changes = [
        #"row 2: description "Soft" -> "Softer""#, "row 2: S-L: leaves the product",
        "row 2: S-M: price 19.50 EUR -> 18.50 EUR", "row 2: S-XL: new, at 21.00 EUR",
        #"row 4: title "Mug" -> "Cup""#, "row 4: active true -> false", "row 4: MUG: stock 5 -> 0",
    ]

    func update(
        _ path: String, dryRun: CatalogueImport.DryRun? = nil, updates: Bool = true, keepsVariants: Bool = false
    ) async throws -> (report: ImportReport, told: [String]) {
        let told = Mutex<[String]>([])
        let report = try await stub.serve { address in
            try await address.withClient { client in
                try await CatalogueImport(
                    path: path, client: client, status: StatusLine(),
                    options: .init(updates: updates, keepsVariants: keepsVariants, dryRun: dryRun),
                    tell: { line in told.withLock { $0.append(line) } }
                ).run()
            }
        }
        return (report, told.withLock { $0.sorted() })
    }

    @Test func anUpdateChangesWhatDiffersAndSaysWhat() async throws {
        _ = try await run(catalogueFile(Self.before))
        let path = try catalogueFile(Self.after)
        let (report, told) = try await update(path)
        #expect(told == Self.changes.sorted())
        #expect((report.productsUpdated, report.productsExisting, report.rowsRejected) == (2, 1, 0))
        #expect((report.stocksAdjusted, report.unitsReceived) == (1, 8))
        #expect(await stub.onHand == ["S-M": 3, "S-L": 4, "S-XL": 8, "MUG": 0, "TEA": 6])

        let (again, nothing) = try await update(path)
        #expect(nothing == [])
        #expect((again.productsUpdated, again.productsExisting, again.stocksAdjusted) == (0, 3, 0))
    }

    @Test func aDryRunSaysWhatAnUpdateWouldDoAndDoesNothing() async throws {
        _ = try await run(catalogueFile(Self.before))
        await stub.set { $0.requests = [] }
        let anythingGoes = CatalogueImport.DryRun { _ in nil }
        let (report, told) = try await update(
            catalogueFile(Self.after + ",NEW,New,,1,EUR,,2,\n"), dryRun: anythingGoes)
        #expect(told.count == 10, "\(told)")
        #expect(told.contains("row 6: would create New: NEW") && told.contains("row 6: NEW: would receive 2"))
        #expect(told.contains("row 4: MUG: would set the stock 5 -> 0"))
        #expect(told.contains(#"row 4: would change: title "Mug" -> "Cup""#))
        #expect((report.productsCreated, report.productsUpdated, report.productsExisting) == (1, 2, 1))
        #expect(await stub.requests.allSatisfy { $0.hasPrefix("GET ") })
    }

    @Test func aDryRunRejectsWhatIsFitForNoProductAndUnitsThatWouldChangeHands() async throws {
        _ = try await run(catalogueFile(Self.before))
        await stub.set {
            $0.onHand["LOST"] = 3
            $0.moved.insert("LOST")
        }
        let problem = #"{"code":"validation_failed","detail":"/title must not be longer"}"#
        let check = CatalogueImport.DryRun { product in
            String(decoding: product, as: UTF8.self).contains("Cup") ? Array(problem.utf8) : nil
        }
        let rest = ",NEW,New,,1,EUR,,2,\n,CUP,Cup,,1,EUR,,2,\n,LOST,Lost,,1,EUR,,2,\n"
        let (report, told) = try await update(catalogueFile(Self.after + rest), dryRun: check)
        #expect(told.contains("row 6: would create New: NEW"))
        #expect(!told.contains { $0.contains("MUG") || $0.contains("CUP") || $0.contains("LOST") }, "\(told)")
        #expect((report.productsCreated, report.productsUpdated, report.rowsRejected) == (1, 1, 3))
    }

    @Test func whatTheFileDoesNotNameStays() async throws {
        _ = try await run(catalogueFile(Self.before))
        let (report, told) = try await update(
            catalogueFile("sku,title,price,currency,handle\nS-L,Shirt,21,EUR,s\nS-M,Shirt,20,EUR,s\n"))
        #expect(
            told == [
                "row 2: S-M: price 19.50 EUR -> 20.00 EUR", "row 2: order of the variants S-M, S-L -> S-L, S-M",
            ])
        #expect((report.productsUpdated, report.stocksAdjusted) == (1, 0))
        #expect(await stub.text("description", ofProduct: "Shirt") == "Soft")
        #expect(await stub.attributes(ofProduct: "Shirt") == ["fabric": "linen"])
    }

    @Test func anUpdateMakesNoOtherProductIntoThatOfTheFile() async throws {
        _ = try await run(catalogueFile(Self.before))
        let (report, told) = try await update(
            catalogueFile("handle,sku,title,price,currency\nh,S-M,Hat,1,EUR\nh,HAT,Hat,1,EUR\n"))
        #expect(told == [])
        #expect((report.productsUpdated, report.rowsRejected) == (0, 2))
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
        _ = try await run(catalogueFile("handle,sku,title,price,currency,quantity\nh7,SKU-7,Seven,1,EUR,1\n"))
        let report = try await run(catalogueFile(Self.catalogue))
        #expect((report.productsCreated, report.productsExisting, report.rowsRejected) == (249, 1, 0))
        #expect(await stub.onHand["SKU-7"] == 1)
        #expect(await stub.text("title", ofProduct: "Seven") == "Seven")
    }
}

func catalogueFile(_ text: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("catalogue.csv")
    try Data(text.utf8).write(to: file)
    return file.path
}
