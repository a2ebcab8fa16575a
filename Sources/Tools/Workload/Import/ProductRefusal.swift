/// Why the gateway does not take a product of a file, said of its rows and by the columns of the file.
struct ProductRefusal {
    private let product: CatalogueProduct
    private let problem: Problem

    init(of product: CatalogueProduct, _ problem: Problem) {
        self.product = product
        self.problem = problem
    }

    /// One for each row of the product: what is wrong with it, or with which other row.
    var rejections: [RowRejection] {
        var faults: [Int: [String]] = [:]
        for field in problem.errors ?? [] {
            guard let (row, column) = place(of: field.pointer ?? "") else { continue }
            faults[row.number, default: []].append("the \(column) \(field.detail ?? "is refused")")
        }
        guard let bad = faults.keys.min() else {
            return product.rows.map { RowRejection(row: $0.number, reason: "\(problem)") }
        }
        return product.rows.map { row in
            let reason = faults[row.number]?.joined(separator: "; ")
            return RowRejection(
                row: row.number, reason: reason ?? "left out, because row \(bad) of the same product is bad")
        }
    }

    /// The row and the column that a field of the request came from; nil for one that no column is.
    private func place(of pointer: String) -> (row: CatalogueRow, column: String)? {
        var path = pointer.split(separator: "/")[...]
        // In a batch it begins at the batch.
        if path.first == "products" { path = path.dropFirst(2) }
        var row = product.rows.first
        if path.first == "variants" {
            guard path.count > 1 else { return row.map { ($0, "list of its variants") } }
            guard let place = Int(path[path.startIndex + 1]), product.rows.indices.contains(place) else { return nil }
            row = product.rows[place]
            path = path.dropFirst(2)
        }
        if path.first == "price" { path = path.dropFirst() }
        guard let row, let field = path.first else { return nil }
        switch field {
        case "amount": return (row, "price, \(row.price.amount) in the smallest coin,")
        case "image_urls":
            let images = product.request.imageUrls ?? []
            let place = path.dropFirst().first.flatMap { Int($0) }
            guard let place, images.indices.contains(place) else { return (row, "image_urls") }
            return (product.rows.first { $0.imageURLs.contains(images[place]) } ?? row, "image_urls")
        default: return CatalogueRow.columns.contains(String(field)) ? (row, String(field)) : nil
        }
    }
}
