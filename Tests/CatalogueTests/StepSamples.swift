import ActorSystem
import Commerce
import EventSourcing
import Schema
import StepTesting
import Steps

@testable import Catalogue

extension StepSample {
    static let all = ofCreations + ofBatches + ofChanges + refusals

    private static let ofCreations: [StepSample] = [
        .step(
            "create",
            CreateProduct(id, details("A", "B"), stocked: [SKUUnits(sku: SKU("B")!, units: 3)], key: key)),
        .answer(CreateProduct.self, "created", ProductAnswer(product: product, isRepeated: false)),
        .answer(CreateProduct.self, "repeated", ProductAnswer(product: product, isRepeated: true)),
    ]
    private static let ofBatches: [StepSample] = [
        .step(
            "create",
            CreateProducts(
                [
                    .init(id: id, details: details("A"), takesOverStock: true),
                    .init(id: other, details: details("B"), takesOverStock: false),
                ], stocked: [SKUUnits(sku: SKU("B")!, units: 3)], key: key)),
        .answer(CreateProducts.self, "done", .done(outcomes, isRepeated: false)),
        .answer(CreateProducts.self, "repeated", .done(outcomes, isRepeated: true)),
        .answer(CreateProducts.self, "document", .document(Array("{}".utf8))),
        .refusal(CreateProducts.self, "key-reused", KeyReused()),
    ]
    private static let ofChanges: [StepSample] = [
        .step(
            "update",
            ChangeProduct(id, .update(details("A")), if: Preconditions(ifMatch: "\"7\"", ifNoneMatch: "\"8\""))),
        .step("set-price", ChangeProduct(id, .setPrice(SKU("A")!, Money(amount: 1_250, currency: .gbp)))),
        .step("activate", ChangeProduct(id, .activate)),
        .step("deactivate", ChangeProduct(id, .deactivate)),
        .answer(ChangeProduct.self, "changed", ProductAnswer(product: product, isRepeated: false)),
    ]

    private static let taken = CatalogueRefusal.skusTaken([SKUClaimant(sku: SKU("A")!, product: other)])
    private static let outcomes: [ProductOutcome] = [.created(id), .refused(taken)]
    private static let product: Versioned<Product> = {
        var product = Product(id: id)
        product.apply(.created(details("A"), at: .noon))
        guard let product = try? Versioned.sample(product, of: id, version: 1, index: 300) else {
            fatalError("a product is read")
        }
        return product
    }()

    private static func refusal(_ name: String, _ refusal: CatalogueRefusal) -> StepSample {
        .refusal(ChangeProduct.self, name, refusal)
    }

    private static func invalid(_ name: String, _ field: ProductField, _ problem: ProductProblem) -> StepSample {
        refusal(name, .product(.invalid(field: field, problem)))
    }

    private static let refusals: [StepSample] = [
        refusal("key-reused", .keyReused),
        refusal("taken", taken),
        refusal("in-stock", .skusInStock([SKUUnits(sku: SKU("A")!, units: 3)])),
        refusal("not-created", .product(.notCreated)),
        refusal("already-created", .product(.alreadyCreated)),
        refusal("no-such-variant", .product(.noSuchVariant(SKU("A")!))),
        refusal("price", .price(.otherCurrency)),
        refusal("if-match", .condition(ConditionFailure(condition: .ifMatch, current: nil))),
        invalid("title", .title, .empty),
        invalid("description", .description, .tooLong(max: 10_000)),
        invalid("brand", .brand, .malformed),
        invalid("category", .category, .malformed),
        invalid("attributes", .attributes, .duplicate),
        invalid("image-urls", .imageURLs, .tooLong(max: 20)),
        invalid("image-url", .imageURL(3), .malformed),
        invalid("variants", .variants, .empty),
        invalid("variant-sku", .variantSKU(99), .unaddressable),
        invalid("variant-title", .variantTitle(1), .malformed),
        invalid("variant-attributes", .variantAttributes(1), .duplicate),
        invalid("variant-price", .variantPrice(1), .outOfRange),
    ]
}

let id = ProductID(at: .noon, random: 1 << 40)
let other = ProductID(at: .noon, random: 2 << 40)
let key = StepKey(
    id: IdempotencyKeyID(slot: .catalogue, digest: digest(0x11)), fingerprint: digest(0x22))

func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }

/// A product with a variant for each name.
func details(_ skus: String..., title: String = "Mug") -> Product.Details {
    Product.Details(
        title: title, description: "White", brand: "B", category: "Home/Kitchen",
        attributes: [ProductAttribute(name: "colour", value: "white")], imageURLs: ["https://example.com/1.png"],
        variants: skus.map {
            Variant(
                sku: SKU($0)!, title: "Large", attributes: [ProductAttribute(name: "size", value: "L")],
                price: Money(amount: 1_000, currency: .gbp))
        })
}
