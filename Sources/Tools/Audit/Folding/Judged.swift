import Commerce
import EventSourcing
import Schema

/// An aggregate of which it can be said whether an event may follow its state.
protocol Judged: Recorded, Equatable where ID: FlatTableKey {
    /// Why `event`, in a record of `time`, cannot have followed this state; nil when it can.
    func contradiction(in event: Event, at time: Timestamp) -> String?

    /// Whether more events are to come soon. What has come to rest is kept as bytes.
    var isInMotion: Bool { get }

    /// What is still asked about a state once an event has changed it: nothing, of most kinds. A whole state is not
    /// copied for that.
    associatedtype Former: Sendable = Void
    var former: Former { get }

    /// What the bytes of the state end with, as a varint, where there are events that move that alone; nil otherwise.
    /// There are many of them, and the whole of a state is not read and written again for each.
    var count: UInt64? { get }

    /// That count after an event; nil after one that moves something else.
    static func count(_ count: UInt64, of id: ID, after event: Event) -> UInt64?
}

extension Judged where Former == Void {
    var former: Void { () }
}

extension Judged {
    var isInMotion: Bool { false }
    var count: UInt64? { nil }
    static func count(_: UInt64, of _: ID, after _: Event) -> UInt64? { nil }
}

extension Order: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? { contradiction(in: event) }
    /// An order is open until its units have left, or it was given up.
    var isInMotion: Bool { status == nil || status == .placed || status == .paid }
}

extension IdempotencyKey: Judged {
    var former: Claim? { claim }

    /// A key never stands for two effects within its life.
    func contradiction(in event: Event, at time: Timestamp) -> String? {
        switch event {
        case .claimed(let next):
            if let claim = standing(at: time) { return "claimed for \(next.name), and it stands for \(claim.name)" }
            return next.expiresAt > time ? nil : "claimed for \(next.name) when it had expired already"
        case .released: return claim == nil ? "given up, and it was free" : nil
        }
    }
}

extension IdempotencyKey.Claim {
    /// The subject without what was answered.
    var name: String {
        switch subject {
        case .order(let id): "\(id)"
        case .answer(let status, let location, _): "an answer \(status) \(location ?? "")"
        case .elsewhere(let slot): "an effect at slot \(slot.rawValue)"
        }
    }
}

extension Cart: Judged {
    var former: Cart { self }

    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .itemSet(let sku, let units):
            if units == .zero { return "none of \(sku) put in" }
            return quantity(of: sku) > 0 || lines.count < Self.linesMax ? nil : "more than \(Self.linesMax) lines"
        case .handedOver(let next): return handover.map { "given to \(next.customer), and it is \($0.customer)'s" }
        case .itemRemoved(let sku): return quantity(of: sku) > 0 ? nil : "\(sku) taken out, and it was not in"
        default: return nil
        }
    }
}

extension Product: Judged {
    var former: [Variant]? { details?.variants }
    var count: UInt64? { details == nil ? nil : unitsSold }

    static func count(_ count: UInt64, of id: ProductID, after event: Event) -> UInt64? {
        switch event {
        case .unitsSold, .unitsReturned:
            var product = Product(id: id)
            product.unitsSold = count
            product.apply(event)
            return product.unitsSold
        default: return nil
        }
    }

    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .created: return details == nil ? nil : "created twice"
        case .priced(let sku, _, _):
            return details?.variants.contains { $0.sku == sku } == true ? nil : "priced \(sku), which it has not"
        default: return details == nil ? "changed before it was created" : nil
        }
    }
}

extension Claim: Judged where Name: ClaimedName & FlatTableKey {
    var former: Holder? { holder }

    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .claimed(let claimant): holder.map { "claimed by \(claimant), and it is \($0)'s" }
        case .released(let claimant): holder == claimant ? nil : "given up by \(claimant), who has not got it"
        }
    }
}

extension Account: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .registered: return profile == nil && !isErased ? nil : "registered twice"
        default: return profile == nil ? "changed before it was registered" : nil
        }
    }
}

extension Session: Judged {
    /// Nothing is traded once the session has ended, it ends once, and an answer is repeated once.
    func contradiction(in event: Event, at time: Timestamp) -> String? {
        switch event {
        case .opened: return opening == nil ? nil : "opened twice"
        case .rotated: return contradiction(inUseAs: "rotated", at: time)
        case .repeated:
            if let contradiction = contradiction(inUseAs: "repeated", at: time) { return contradiction }
            if generation == 0 { return "repeated before it was rotated" }
            return isRepeated ? "repeated a second time" : nil
        case .ended:
            if opening == nil { return "ended before it was opened" }
            return ended.map { "ended a second time, after \($0.reason.rawValue)" }
        }
    }

    private func contradiction(inUseAs use: String, at time: Timestamp) -> String? {
        guard let opening else { return "\(use) before it was opened" }
        if let ended { return "\(use) after it had ended: \(ended.reason.rawValue)" }
        return time < opening.expiresAt ? nil : "\(use) after it had expired"
    }
}

extension LogIns: Judged {
    /// Wrong passwords are counted up to the limit, and past it none is taken.
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .failed(let origin, _): isBlocked(origin) ? "a wrong password is counted beyond the limit" : nil
        case .succeeded(let origin, _): isBlocked(origin) ? "a password is taken beyond the limit" : nil
        case .cleared: hasFailures ? nil : "cleared, and nothing counted"
        case .erased: nil
        }
    }
}

extension ConsumerPosition: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .advanced(let index): index > position ? nil : "goes back from \(position) to \(index)"
        }
    }
}

extension VerificationKey: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .published(let next, let end, _):
            publication == next && endsAt == end ? "published as it stood already" : nil
        }
    }
}

extension ClusterUpgrade: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .raised(let next): next > version ? nil : "goes back from \(version) to \(next)"
        }
    }
}

extension Webhooks: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .added(let id, _, _, _):
            if endpoint(id) != nil { return "an endpoint added a second time" }
            return endpoints.count < Self.endpointsMax ? nil : "an endpoint added beyond the limit"
        case .changed(let id, _, _), .secretRotated(let id, _, _), .givenUp(let id, _), .removed(let id):
            return endpoint(id) == nil ? "an endpoint changed that there is not" : nil
        }
    }
}

extension WebhookProgress: Judged {
    func contradiction(in event: Event, at _: Timestamp) -> String? {
        switch event {
        case .began(let since, _): since == self.since ? "begun a second time" : nil
        case .advanced(let index, _, _):
            since == nil ? "goes on and has not begun"
                : index > position ? nil : "goes back from \(position) to \(index)"
        case .taken(let place, _), .postponed(let place, _, _), .failed(let place, _):
            isAside(place) ? nil : "an event is sent again that was not set aside"
        case .replayed(let places, _): places.allSatisfy(hasFailed) ? nil : "an event is replayed that has not failed"
        case .ended: since == nil ? "ended and had not begun" : nil
        }
    }
}
