/// The rows of one handle: a product to be, or the reasons why it cannot be one.
struct CatalogueProduct: Sendable {
    private(set) var rows: [CatalogueRow] = []
    private(set) var rejections: [RowRejection] = []
    /// A row that cannot be read and may belong to it.
    var unreadableRow: Int?

    /// Whether it may be imported.
    var isWhole: Bool { rejections.isEmpty && unreadableRow == nil }

    /// How many rows of the file it has taken, good and bad.
    var rowCount: Int { rows.count + rejections.count }

    /// About how much text it is.
    var bytes: Int {
        rows.reduce(0) { bytes, row in
            bytes + row.description.utf8.count + row.title.utf8.count
                + row.imageURLs.reduce(0) { $0 + $1.utf8.count }
                + row.attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        }
    }

    mutating func add(_ row: CatalogueRow) {
        if let fault = fault(in: row) {
            reject(row.number, "\(fault)")
        } else {
            rows.append(row)
        }
    }

    mutating func reject(_ row: Int, _ reason: String) {
        rejections.append(RowRejection(row: row, reason: reason))
    }

    /// A product is created whole or not at all: every row of one that has a bad row, with the reason.
    var rejectionsOfAll: [RowRejection] {
        let reason: String
        if let bad = rejections.first {
            reason = "left out, because row \(bad.row) of the same product is bad"
        } else if let unreadableRow {
            reason = "left out, because row \(unreadableRow) cannot be read and may belong to the same product"
        } else {
            return []
        }
        let held = rows.map { RowRejection(row: $0.number, reason: reason) }
        return (rejections + held).sorted { $0.row < $1.row }
    }

    private func fault(in row: CatalogueRow) -> CatalogueRow.Fault? {
        guard let first = rows.first else { return row.title.isEmpty ? .noTitle : nil }
        func contradicts(_ field: KeyPath<CatalogueRow, String>) -> Bool {
            !row[keyPath: field].isEmpty && row[keyPath: field] != first[keyPath: field]
        }
        if contradicts(\.description) { return .contradicts(column: "description", row: first.number) }
        if contradicts(\.brand) { return .contradicts(column: "brand", row: first.number) }
        if contradicts(\.category) { return .contradicts(column: "category", row: first.number) }
        if let active = row.active, active != first.active ?? true {
            return .contradicts(column: "active", row: first.number)
        }
        return nil
    }

    /// What the gateway is asked to create. There is at least one row.
    var request: NewProduct {
        let first = rows[0]
        let shared = first.attributes.filter { attribute in
            rows.allSatisfy { $0.attributes[attribute.key] == attribute.value }
        }
        var imageURLs: [String] = []
        for url in rows.lazy.flatMap(\.imageURLs) where !imageURLs.contains(url) { imageURLs.append(url) }
        return NewProduct(
            title: first.title,
            description: first.description.isEmpty ? nil : first.description,
            brand: first.brand.isEmpty ? nil : first.brand,
            category: first.category.isEmpty ? nil : first.category,
            attributes: shared.isEmpty ? nil : shared,
            imageUrls: imageURLs.isEmpty ? nil : imageURLs,
            active: first.active ?? true,
            variants: rows.map { row in
                let own = row.attributes.filter { shared[$0.key] == nil }
                return NewProduct.Variant(
                    sku: row.sku, price: row.price,
                    title: row.title.isEmpty || row.title == first.title ? nil : row.title,
                    attributes: own.isEmpty ? nil : own)
            })
    }
}
