import Catalogue
import CatalogueSearch
import Commerce
import Steps

/// How refusals about products are told to clients.
extension CatalogueRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .keyReused: KeyReused().problem
        case .skusTaken(let taken):
            Problem(.skuTaken, "\(taken[0].sku) is the SKU of another product.") { json in
                json.array("skus") { json in for claimant in taken { json.value(claimant.sku.description) } }
                json.array("products") { json in for claimant in taken { json.value(claimant.product.description) } }
            }
        case .skusInStock(let lines):
            Problem(
                .skuInStock,
                "\(lines[0].units) of \(lines[0].sku) are on hand. Write them off, or set take_over_stock."
            ) { json in
                json.array("skus") { json in for line in lines { json.value(line.sku.description) } }
            }
        case .product(let refusal): refusal.problem
        case .price(let problem): .field(problem.priceMember, problem.detail)
        case .condition(let failure): failure.problem
        }
    }
}

extension Product.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notCreated: Problem(.notFound)
        case .alreadyCreated: Problem(.alreadyExists)
        case .invalid(.variantPrice(let position), let problem):
            .field("/variants/\(position)/price\(problem.priceMember)", problem.detail)
        case .invalid(let field, .malformed): .field(field.pointer, field.form)
        case .invalid(let field, let problem): .field(field.pointer, problem.detail)
        case .noSuchVariant: Problem(.notFound, "The product has no variant with this SKU.")
        }
    }
}

extension ProductField {
    fileprivate var pointer: String {
        switch self {
        case .title: "/title"
        case .description: "/description"
        case .brand: "/brand"
        case .category: "/category"
        case .attributes: "/attributes"
        case .imageURLs: "/image_urls"
        case .imageURL(let position): "/image_urls/\(position)"
        case .variants: "/variants"
        case .variantSKU(let position): "/variants/\(position)/sku"
        case .variantTitle(let position): "/variants/\(position)/title"
        case .variantAttributes(let position): "/variants/\(position)/attributes"
        case .variantPrice(let position): "/variants/\(position)/price"
        }
    }
}

extension ProductField {
    /// What its text has to be, beside its length.
    fileprivate var form: String {
        switch self {
        case .category:
            "must be names joined by single slashes, such as Home/Lighting, without control characters"
        case .imageURL: "must be an http or https URL in the characters of RFC 3986"
        default: ProductProblem.malformed.detail
        }
    }
}

extension ProductProblem {
    /// The member of a price that is refused.
    fileprivate var priceMember: String { self == .otherCurrency ? "/currency" : "/amount" }

    fileprivate var detail: String {
        switch self {
        case .empty: "must not be empty"
        case .tooLong(let max): "must not be longer than \(max)"
        case .malformed: "has control characters"
        case .duplicate: "comes twice"
        case .outOfRange: "must be from 0 to \(Placement.unitPriceMax)"
        case .otherCurrency: "must be the currency of the product's other variants"
        case .unaddressable:
            "must be another than \(SKU.unaddressable.sorted().joined(separator: ", ")), which no path can name"
        }
    }
}

extension CatalogueSearchError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .limitOutOfRange(let max): .field("/query/limit", "must be an integer from 1 to \(max)")
        case .tooManyBrands(let max): .field("/query/brand", "must name at most \(max) brands")
        case .cursorMalformed: .field("/query/cursor", FieldForm.cursor)
        case .cursorOfAnotherQuery: .field("/query/cursor", "belongs to a search with other words, filters or order")
        case .tookTooLong: Problem(.timeLimitExceeded, "The search took too long.").retry(after: .seconds(1))
        case .busy: Problem(.overloaded, "Too many searches at once.").retry(after: .seconds(1))
        case .index: Problem(.overloaded, "The search cannot be used at the moment.").retry(after: .seconds(5))
        }
    }
}
