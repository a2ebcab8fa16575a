import Testing

@testable import Workload

@Suite struct ProductRefusalTests {
    static let text = """
        handle,sku,title,price,currency,image_urls
        h,A,T,1,EUR,http://a
        ,M,Mug,1,EUR,
        h,B,T,1,EUR,http://b

        """

    @Test(arguments: [
        ("SKU,Titel,price,currency", "no column named title; did you mean title for Titel?"),
        ("sku,title,Unit,price_,currency", "no column named price; did you mean price for price_?"),
        ("sku,title,price,currency,Image Url", "did you mean image_urls for Image Url?"),
        ("sku;title;price;currency", "fields are separated by commas, and these by \";\""),
        ("sku\ttitle\tprice\tcurrency", "fields are separated by commas, and these by tabs"),
    ])
    func aHeaderThatIsNearlyOneIsTakenForIt(header: String, hint: String) throws {
        let fault = #expect(throws: InputFault.self) {
            try CatalogueFile(path: catalogueFile(header + "\nA,T,1,EUR\n"))
        }
        #expect(fault?.description.contains(hint) == true, "\(fault?.description ?? "")")
    }

    @Test func columnsThatMeanNothingAreRefusedByName() throws {
        let fault = #expect(throws: InputFault.self) {
            try CatalogueFile(path: catalogueFile("sku,Titel,title,price,currency,qty\nA,,T,1,EUR,2\n"))
        }
        #expect(fault == .unknownColumns(["Titel", "qty"], known: CatalogueRow.columns, hint: nil))
        #expect(fault?.description.contains("Titel, qty; known are sku, title, price") == true)
    }

    @Test(arguments: [
        (
            ["/products/3/variants/1/sku": "must be a SKU"],
            ["left out, because row 4 of the same product is bad", "the sku must be a SKU"]
        ),
        (
            ["/products/0/title": "is too long", "/products/0/variants/1/price/amount": "is too much"],
            ["the title is too long", "the price, 100 in the smallest coin, is too much"]
        ),
        (
            ["/image_urls/1": "is too long"],
            ["left out, because row 4 of the same product is bad", "the image_urls is too long"]
        ),
        (
            ["/variants": "is too long"],
            ["the list of its variants is too long", "left out, because row 2 of the same product is bad"]
        ),
        (["/a": "is refused"], ["code: /a is refused", "code: /a is refused"]),
    ])
    func aRefusalIsSaidOnceOfARowAndByItsColumn(errors: [String: String], reasons: [String]) throws {
        var file = try CatalogueFile(path: catalogueFile(Self.text))
        var product: CatalogueProduct?
        while case .product(let next) = try file.next() { if next.rows.count == 2 { product = next } }
        let fields = errors.sorted { $0.key < $1.key }.map { Problem.Field(pointer: $0.key, detail: $0.value) }
        let detail = "\(fields[0].pointer ?? "") \(fields[0].detail ?? "")."
        let problem = Problem(code: "code", title: "Title", detail: detail, errors: fields)
        #expect(
            try ProductRefusal(of: #require(product), problem).rejections == [
                RowRejection(row: 2, reason: reasons[0]), RowRejection(row: 4, reason: reasons[1]),
            ])
    }
}
