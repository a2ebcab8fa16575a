import Commerce
import EventSourcing
import Testing

@Suite struct ProductTests {
    static let details = Product.Details(
        title: "Reindeer lights", description: "Ten of them.\nWarm white.", brand: "Noel", category: "Home/Lighting",
        attributes: [ProductAttribute(name: "power", value: "3 W"), ProductAttribute(name: "colour", value: "white")],
        imageURLs: ["https://example.com/a.jpg"],
        variants: [
            Variant(sku: lamp, price: Money(amount: 850, currency: .gbp)),
            Variant(sku: mug, title: "Mug", price: Money(amount: 100, currency: .gbp)),
        ])

    static func product() throws -> Product {
        var product = Product(id: ProductID(at: .noon, random: 1))
        try product.handle(.create(details))
        return product
    }

    @Test func attributesAreKeptInOrder() throws {
        let product = try Self.product()
        #expect(product.details?.attributes.map(\.name) == ["colour", "power"])
        #expect(product.createdAt == .noon)
    }

    @Test func creatingAgainStandsAndCreatingAnotherIsRefused() throws {
        var product = try Self.product()
        #expect(try product.handle(.create(Self.details)).isEmpty)
        var other = Self.details
        other.title = "Other"
        #expect(throws: Product.Refusal.alreadyCreated) { try product.decide(.create(other), at: .noon) }
        try product.handle(.update(other), at: .noon + .seconds(1))
        #expect(product.details?.title == "Other")
        #expect(product.updatedAt == .noon + .seconds(1))
    }

    @Test func pricesChangeByVariantAndKeepTheCurrency() throws {
        var product = try Self.product()
        try product.handle(.setPrice(mug, Money(amount: 90, currency: .gbp)))
        #expect(product.details?.variants[1].price.amount == 90)
        #expect(try product.handle(.setPrice(mug, Money(amount: 90, currency: .gbp))).isEmpty)
        #expect(throws: Product.Refusal.noSuchVariant(SKU("X")!)) {
            try product.decide(.setPrice(SKU("X")!, Money(amount: 1, currency: .gbp)), at: .noon)
        }
        #expect(throws: Product.Refusal.invalid(field: .variantPrice(1), .otherCurrency)) {
            try product.decide(.setPrice(mug, Money(amount: 90, currency: .eur)), at: .noon)
        }
        #expect(throws: Product.Refusal.invalid(field: .variantPrice(1), .outOfRange)) {
            try product.decide(.setPrice(mug, Money(amount: -1, currency: .gbp)), at: .noon)
        }
    }

    @Test(arguments: [".", "..", "batch"])
    func aSKUThatNoPathCanNameIsRefusedUnlessTheProductHasIt(code: String) throws {
        var old = Self.details
        old.variants.append(Variant(sku: SKU(code)!, price: Money(amount: 1, currency: .gbp)))
        let refusal = Product.Refusal.invalid(field: .variantSKU(2), .unaddressable)
        #expect(throws: refusal) { try Product(id: ProductID(at: .noon, random: 2)).decide(.create(old), at: .noon) }
        #expect(throws: refusal) { try Self.product().decide(.update(old), at: .noon) }

        var product = Product(id: ProductID(at: .noon, random: 2))
        product.apply(.created(old, at: .noon))
        var renamed = old
        renamed.title = "Other"
        #expect(try product.handle(.update(renamed)).count == 1)
        #expect(try product.handle(.setPrice(SKU(code)!, Money(amount: 2, currency: .gbp))).count == 1)
    }

    @Test func activatingTwiceIsOnce() throws {
        var product = try Self.product()
        #expect(try product.handle(.activate).isEmpty)
        try product.handle(.deactivate)
        #expect(product.details?.isActive == false)
        #expect(try product.handle(.deactivate).isEmpty)
    }

    @Test func unitsThatCameBackAreNotSoldAndNeverMoreThanWere() throws {
        var product = try Self.product()
        try product.handle(.recordUnitsSold([SKUUnits(sku: mug, units: 3)]))
        let returned = try product.handle(
            .recordUnitsReturned([SKUUnits(sku: mug, units: 2), SKUUnits(sku: lamp, units: 0)]))
        #expect(returned == [.unitsReturned([SKUUnits(sku: mug, units: 2)])] && product.unitsSold == 1)
        try product.handle(.recordUnitsReturned([SKUUnits(sku: mug, units: 2)]))
        #expect(product.unitsSold == 0)
        #expect(try product.handle(.recordUnitsReturned([])).isEmpty)
    }

    @Test func unitsSoldAddUpAndDoNotTouchTheDetails() throws {
        var product = try Self.product()
        let later = Timestamp.noon + .seconds(9)
        try product.handle(
            .recordUnitsSold([SKUUnits(sku: mug, units: 3), SKUUnits(sku: lamp, units: 2)]), at: later)
        #expect(product.unitsSold == 5)
        #expect(product.updatedAt == .noon)
        #expect(try product.handle(.recordUnitsSold([])).isEmpty)
    }

    @Test func nothingHappensToAProductThatWasNeverCreated() {
        #expect(throws: Product.Refusal.notCreated) {
            try Product(id: ProductID(at: .noon, random: 1)).decide(.activate, at: .noon)
        }
    }

    struct Mistake: Sendable {
        let field: ProductField
        let problem: ProductProblem
        let make: @Sendable (inout Product.Details) -> Void

        init(
            _ field: ProductField, _ problem: ProductProblem,
            _ make: @escaping @Sendable (inout Product.Details) -> Void
        ) {
            self.field = field
            self.problem = problem
            self.make = make
        }
    }

    static let mistakes: [Mistake] = [
        Mistake(.title, .empty) { $0.title = "" },
        Mistake(.title, .tooLong(max: 200)) { $0.title = String(repeating: "é", count: 201) },
        Mistake(.title, .malformed) { $0.title = "a\u{7}" },
        Mistake(.description, .tooLong(max: 10_000)) { $0.description = String(repeating: "x", count: 10_001) },
        Mistake(.category, .malformed) { $0.category = "Home//Lamps" },
        Mistake(.imageURL(0), .malformed) { $0.imageURLs = ["ftp://example.com/a.jpg"] },
        Mistake(.imageURL(1), .malformed) { $0.imageURLs = ["https://example.com/a.jpg", "javascript:alert(1)"] },
        Mistake(.imageURL(0), .malformed) { $0.imageURLs = ["https:///a.jpg"] },
        Mistake(.imageURL(0), .malformed) { $0.imageURLs = ["https://e.com/\"onload=x"] },
        Mistake(.imageURLs, .tooLong(max: 20)) { $0.imageURLs = [String](repeating: "https://e.com/a", count: 21) },
        Mistake(.attributes, .duplicate) {
            $0.attributes = [ProductAttribute(name: "a", value: "1"), ProductAttribute(name: "a", value: "2")]
        },
        Mistake(.attributes, .malformed) { $0.attributes = [ProductAttribute(name: "", value: "1")] },
        Mistake(.variants, .empty) { $0.variants = [] },
        Mistake(.variantSKU(2), .duplicate) { $0.variants += $0.variants },
        Mistake(.variants, .tooLong(max: 100)) {
            $0.variants = (0..<101).map { Variant(sku: SKU("S\($0)")!, price: Money(amount: 1, currency: .gbp)) }
        },
        Mistake(.variantPrice(0), .outOfRange) {
            $0.variants = [Variant(sku: lamp, price: Money(amount: .max, currency: .gbp))]
        },
    ]

    @Test(arguments: mistakes)
    func detailsOutsideTheLimitsNameTheField(mistake: Mistake) {
        var details = Self.details
        mistake.make(&details)
        #expect(throws: Product.Refusal.invalid(field: mistake.field, mistake.problem)) {
            try Product(id: ProductID(at: .noon, random: 1)).decide(.create(details), at: .noon)
        }
    }
}
