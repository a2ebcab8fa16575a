extension NewProduct {
    /// Takes over the variants of the product as it is that the file leaves out, each at its place among the others.
    ///
    /// An attribute belongs to the product only where the variants that stay have it too: a row that stands alone
    /// shares its size with all rows there are, and other sizes stay beside it.
    mutating func keepVariants(of current: ProductDocument) {
        let named = Set(variants.map(\.sku))
        let staying = current.variants.filter { !named.contains($0.sku) }
        guard !staying.isEmpty else { return }

        let shared = (attributes ?? [:]).filter { name, value in
            current.attributes[name] == value || staying.allSatisfy { $0.attributes[name] == value }
        }
        let ofRows = (attributes ?? [:]).filter { shared[$0.key] == nil }
        let ofStaying = current.attributes.filter { shared[$0.key] != $0.value }
        func own(_ attributes: [String: String], under others: [String: String]) -> [String: String]? {
            let own = others.merging(attributes) { $1 }.filter { shared[$0.key] != $0.value }
            return own.isEmpty ? nil : own
        }

        var rows = variants.map { variant in
            var variant = variant
            variant.attributes = own(variant.attributes ?? [:], under: ofRows)
            return variant
        }[...]
        variants = current.variants.map { variant in
            if named.contains(variant.sku) { return rows.removeFirst() }
            return Variant(
                sku: variant.sku, price: variant.price, title: variant.title,
                attributes: own(variant.attributes, under: ofStaying))
        }
        variants += rows
        attributes = shared.isEmpty ? nil : shared
    }
}
