import Foundation
import Testing

@testable import Workload

extension CatalogueImportTests {
    @Test func variantsThatTheFileLeavesOutStayWhereTheyAreKept() async throws {
        let header = "handle,sku,title,price,currency,attributes\n"
        let row = { (sku: String, price: String, attributes: String) in "s,\(sku),Shirt,\(price),EUR,\(attributes)\n" }
        let whole =
            row("S-M", "20", "fabric=linen|size=M") + row("S-L", "21", "fabric=linen|size=L")
            + row("S-XL", "22", "fabric=linen|size=XL")
        _ = try await run(catalogueFile(header + whole))
        // The last before the first, a new one, and none of the second; what they share is not all of what it has.
        let path = try catalogueFile(
            header + row("S-XL", "22", "fabric=wool|size=XL") + row("S-M", "19", "fabric=wool|size=M")
                + row("S-S", "18", "fabric=wool|size=S"))
        let expected = [
            "row 2: S-L: attributes size=L -> fabric=linen|size=L",
            "row 2: S-M: attributes size=M -> fabric=wool|size=M", "row 2: S-M: price 20.00 EUR -> 19.00 EUR",
            "row 2: S-S: new, at 18.00 EUR",
            "row 2: S-XL: attributes size=XL -> fabric=wool|size=XL", "row 2: attributes fabric=linen -> ",
            "row 2: order of the variants S-M, S-L, S-XL -> S-XL, S-L, S-M",
        ]
        let anythingGoes = CatalogueImport.DryRun { _ in nil }
        let (_, foretold) = try await update(path, dryRun: anythingGoes, keepsVariants: true)
        #expect(foretold == expected.map { $0.replacing("row 2: ", with: "row 2: would change: ") })
        let (report, told) = try await update(path, keepsVariants: true)
        #expect(told == expected)
        #expect((report.productsUpdated, report.rowsRejected) == (1, 0))
        let (again, nothing) = try await update(path, keepsVariants: true)
        #expect(nothing == [] && again.productsExisting == 1)
        // A row alone shares its size with no other.
        let (_, one) = try await update(
            catalogueFile(header + row("S-L", "23", "fabric=linen|size=L")), keepsVariants: true)
        #expect(one == ["row 2: S-L: price 21.00 EUR -> 23.00 EUR"])
        let (_, without) = try await update(path)
        #expect(without.contains("row 2: S-L: leaves the product"))
    }
}
