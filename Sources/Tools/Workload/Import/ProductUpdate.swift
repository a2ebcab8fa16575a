/// Brings a product that is there up to the file.
struct ProductUpdate: Sendable {
    let batch: BatchImport
    let product: CatalogueProduct
    let id: String

    /// How often a change is tried against others who change the same product.
    private static let attemptsMax = 5

    func run(_ outcomes: BatchImport.Outcomes) async throws {
        var refusal: GatewayReply?
        for _ in 0..<Self.attemptsMax {
            guard let (current, version) = try await batch.catalogue.product(id) else {
                return await outcomes.reject(product.rows, "product \(id) was there and is not any more")
            }
            if let fault = Self.fault(product, current) { return await outcomes.reject(product.rows, fault) }
            let wanted = wanted(current)
            let changes = ProductChanges(from: current, to: wanted).lines
            if changes.isEmpty {
                await batch.tally.existing()
                return await outcomes.stock(product.rows)
            }
            let path = "/products/\(GatewayAddress.escaped(id))"
            let reply = try await batch.client.send(.put(path, wanted, ifMatch: version))
            if reply.status == 200 {
                for change in changes { batch.tell("row \(product.rows[0].number): \(change)") }
                await batch.tally.updated()
                return await outcomes.stock(product.rows)
            }
            refusal = reply
            guard reply.problem?.code == ProblemCode.versionMismatch else { break }
        }
        await outcomes.reject(product, refusal?.problem, else: refusal?.summary ?? "")
    }

    /// Says what `run` would change.
    ///
    /// - Returns: whether the product can be brought up to the file.
    func preview(_ outcomes: BatchImport.Outcomes, _ dryRun: CatalogueImport.DryRun) async throws -> Bool {
        guard let (current, _) = try await batch.catalogue.product(id) else { return false }
        if let fault = Self.fault(product, current) {
            await outcomes.reject(product.rows, fault)
            return false
        }
        let wanted = wanted(current)
        let changes = ProductChanges(from: current, to: wanted).lines
        if !changes.isEmpty, let problem = try dryRun.refusal(of: wanted) {
            await outcomes.reject(product, problem, else: "")
            return false
        }
        for change in changes { batch.tell("row \(product.rows[0].number): would change: \(change)") }
        if changes.isEmpty { await batch.tally.existing() } else { await batch.tally.updated() }
        return true
    }

    /// Why `current` is not the product of the file, although it has one of its SKUs: a product that gained or lost
    /// variants is the same one, and so is one of the same title; another one must not be made into it.
    private static func fault(_ product: CatalogueProduct, _ current: ProductDocument) -> String? {
        let skus = Set(product.rows.map(\.sku))
        let isSame =
            skus.isSuperset(of: current.skus) || skus.isSubset(of: current.skus)
            || product.rows[0].title == current.title
        if isSame { return nil }
        let shared = skus.intersection(current.skus).sorted().joined(separator: ", ")
        return "\(shared) belongs to another product, \(current.id) (\(current.title))"
    }

    /// What the file says; of columns that it has not, and of `active` where it is empty, what is there; and the
    /// variants that it leaves out, where these are kept.
    private func wanted(_ current: ProductDocument) -> NewProduct {
        var wanted = product.request
        if !batch.columns.has("description") { wanted.description = current.description }
        if !batch.columns.has("brand") { wanted.brand = current.brand }
        if !batch.columns.has("category") { wanted.category = current.category }
        if !batch.columns.has("image_urls") { wanted.imageUrls = current.imageUrls }
        if product.rows[0].active == nil { wanted.active = current.active }
        if !batch.columns.has("attributes") {
            wanted.attributes = current.attributes
            let known = Dictionary(current.variants.map { ($0.sku, $0.attributes) }) { first, _ in first }
            for place in wanted.variants.indices {
                wanted.variants[place].attributes = known[wanted.variants[place].sku]
            }
        }
        if batch.options.keepsVariants { wanted.keepVariants(of: current) }
        return wanted
    }
}

/// What is different between a product as it is and as it is wanted, for people.
struct ProductChanges {
    private(set) var lines: [String] = []

    /// Longer texts are cut where they are told.
    private static let lengthMax = 60

    init(from current: ProductDocument, to wanted: NewProduct) {
        note("title", quoted(current.title), quoted(wanted.title))
        note("description", quoted(current.description), quoted(wanted.description ?? ""))
        note("brand", quoted(current.brand), quoted(wanted.brand ?? ""))
        note("category", quoted(current.category), quoted(wanted.category ?? ""))
        note("attributes", text(current.attributes), text(wanted.attributes ?? [:]))
        note("images", text(current.imageUrls), text(wanted.imageUrls ?? []))
        note("active", "\(current.active)", "\(wanted.active ?? true)")
        noteVariants(current.variants, wanted.variants)
    }

    private mutating func noteVariants(_ current: [ProductDocument.Variant], _ wanted: [NewProduct.Variant]) {
        let known = Dictionary(current.map { ($0.sku, $0) }) { first, _ in first }
        let kept = Set(wanted.map(\.sku))
        for variant in current where !kept.contains(variant.sku) {
            lines.append("\(variant.sku): leaves the product")
        }
        for variant in wanted {
            guard let before = known[variant.sku] else {
                lines.append("\(variant.sku): new, at \(variant.price.text)")
                continue
            }
            note("\(variant.sku): price", before.price.text, variant.price.text)
            note("\(variant.sku): title", quoted(before.title ?? ""), quoted(variant.title ?? ""))
            note("\(variant.sku): attributes", text(before.attributes), text(variant.attributes ?? [:]))
        }
        let order = current.map(\.sku).filter(kept.contains)
        let wantedOrder = wanted.map(\.sku).filter { known[$0] != nil }
        note("order of the variants", order.joined(separator: ", "), wantedOrder.joined(separator: ", "))
    }

    private mutating func note(_ name: String, _ before: String, _ after: String) {
        if before != after { lines.append("\(name) \(cut(before)) -> \(cut(after))") }
    }

    private func quoted(_ text: String) -> String { "\"\(text)\"" }

    private func text(_ attributes: [String: String]) -> String {
        attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "|")
    }

    private func text(_ urls: [String]) -> String { urls.joined(separator: "|") }

    private func cut(_ text: String) -> String {
        text.count <= Self.lengthMax ? text : "\(text.prefix(Self.lengthMax))…"
    }
}
