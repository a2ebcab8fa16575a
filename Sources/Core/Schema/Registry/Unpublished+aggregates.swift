import Commerce
import EventSourcing

// What stays inside the shop: which requests were answered, who holds which name, how far a consumer has come, which
// keys tokens are signed with, how far the cluster has been upgraded. Only a printed log tells of it.

extension IdempotencyKey: RetailAggregate {
    public static func innerName(of event: Event) -> String? {
        switch event {
        case .claimed: "IdempotencyKeyClaimed"
        case .released: "IdempotencyKeyReleased"
        }
    }

    /// An answer is told by its status: its body may name a person, and an account can be erased.
    public static func describe(
        _ event: Event, of id: IdempotencyKeyID, state: IdempotencyKey?, in fields: inout EventFields
    ) {
        guard case .claimed(let claim) = event else { return }
        switch claim.subject {
        case .order(let order): fields.append("order_id", order)
        case .answer(let status, let location, _):
            fields.append("status", Int(status))
            if let location { fields.append("location", location) }
        case .elsewhere(let slot): fields.append("slot", Int(slot.rawValue))
        }
        fields.append("expires_at", claim.expiresAt)
    }
}

extension Claim: RetailAggregate where Name: ClaimedName {
    public static var label: String { Name.claimLabel }

    public static func innerName(of event: Event) -> String? {
        switch event {
        case .claimed: Name.claimName + "Claimed"
        case .released: Name.claimName + "Released"
        }
    }

    public static func describe(_ event: Event, of id: Name, state: Claim?, in fields: inout EventFields) {
        switch event {
        case .claimed(let holder), .released(let holder): fields.append("holder", holder)
        }
    }
}

extension ConsumerPosition: RetailAggregate {
    public static var label: String { "position" }

    public static func innerName(of event: Event) -> String? { "ConsumerAdvanced" }

    public static func describe(
        _ event: Event, of id: ConsumerPositionID, state: ConsumerPosition?, in fields: inout EventFields
    ) {
        switch event {
        case .advanced(let position): fields.append("position", position)
        }
    }
}

extension VerificationKey: RetailAggregate {
    public static var label: String { "token key" }

    public static func innerName(of event: Event) -> String? { "VerificationKeyPublished" }

    public static func describe(
        _ event: Event, of id: VerificationKeyID, state: VerificationKey?, in fields: inout EventFields
    ) {
        switch event {
        case .published(let publication, let endsAt, _):
            fields.append("node", Int64(clamping: publication.node))
            fields.append("ends_at", endsAt)
        }
    }
}

extension ClusterUpgrade: RetailAggregate {
    public static var label: String { "upgrade" }

    public static func innerName(of event: Event) -> String? { "ClusterVersionRaised" }

    public static func describe(
        _ event: Event, of id: ID, state: ClusterUpgrade?, in fields: inout EventFields
    ) {
        switch event {
        case .raised(let version): fields.append("version", Int(version.rawValue))
        }
    }
}
