import EventSourcing

/// A name that at most one holder has at a time: uniqueness is one aggregate's decision.
public struct Claim<Name: AggregateID, Holder: AggregateID>: Aggregate, Equatable {
    public let id: Name
    /// Who has the name; nil when it is free.
    public package(set) var holder: Holder?

    public init(id: Name) { self.id = id }

    public enum Command: Sendable {
        case claim(Holder)
        /// Frees the name. Without effect when it is free.
        case release(Holder)
    }

    public enum Event: Sendable, Equatable {
        case claimed(Holder)
        case released(Holder)
    }

    public enum Refusal: Error, Sendable, Equatable {
        case taken(by: Holder)
    }

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch (command, holder) {
        case (.claim(let claimant), nil): return [.claimed(claimant)]
        case (.release, nil): return []
        case (.claim(let claimant), let holder?):
            guard claimant == holder else { throw .taken(by: holder) }
            return []
        case (.release(let claimant), let holder?):
            guard claimant == holder else { throw .taken(by: holder) }
            return [.released(holder)]
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .claimed(let holder): self.holder = holder
        case .released: holder = nil
        }
    }
}

/// The log-in name of a customer.
public typealias EmailClaim = Claim<EmailAddress, CustomerID>

/// The SKU of a product's variant. Like the products, all of them live on shard 0.
public typealias SKUClaim = Claim<CatalogueSKU, ProductID>

/// A SKU as the catalogue's name for a variant: the same text, routed to the catalogue instead of by its hash.
public struct CatalogueSKU: AggregateID {
    public let sku: SKU

    public init(_ sku: SKU) { self.sku = sku }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard let sku = SKU(encoded: bytes) else { return nil }
        self.sku = sku
    }

    public var slot: Slot { .catalogue }
    public func encode(into bytes: inout [UInt8]) { sku.encode(into: &bytes) }
    public var description: String { sku.description }
}
