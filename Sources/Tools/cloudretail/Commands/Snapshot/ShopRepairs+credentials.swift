import ActorSystem
import Audit
import Commerce
import EventSourcing

extension ShopRepairs {
    /// Ends the keys by which access tokens of the old cluster are known, and its sessions if that is asked for.
    mutating func endCredentials(of audit: ShopAudit, sessions: Bool) throws {
        var ending = CredentialEnding(repairs: self, endsSessions: sessions)
        try audit.visitStates(at: .zero, &ending)
        self = ending.repairs
    }
}

private struct CredentialEnding: ShopStateVisitor {
    var repairs: ShopRepairs
    let endsSessions: Bool

    func takes<A: Recorded>(_ kind: A.Type) -> Bool {
        kind == VerificationKey.self || (endsSessions && kind == Session.self)
    }

    mutating func visit<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) {
        if let id = id as? VerificationKeyID, let key = value as? Versioned<VerificationKey> { end(id, key) }
        if let id = id as? SessionID, let session = value as? Versioned<Session> { end(id, session) }
    }

    private mutating func end(_ id: VerificationKeyID, _ key: Versioned<VerificationKey>) {
        guard let publication = key.state.publication, key.state.endsAt.map({ $0 > repairs.now }) ?? true
        else { return }
        repairs.change(
            id, key, by: [.published(publication, endsAt: repairs.now, at: repairs.now)],
            "key \(id) of node \(publication.node) ended: its access tokens are refused")
    }

    private mutating func end(_ id: SessionID, _ session: Versioned<Session>) {
        guard session.state.opening != nil, session.state.ended == nil else { return }
        repairs.change(
            id, session, by: [.ended(.revoked, at: repairs.now)], "session \(id) ended")
    }
}
