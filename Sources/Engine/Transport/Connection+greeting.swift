import Cluster
import Consensus
import NIOCore
import NIOSSL
import X509

// Who is at the other end, and whether it is welcome.
extension Connection {
    /// The other end has said who it is.
    func welcome(_ other: Greeting, _ dialer: Dialer?) throws(LinkRefusal) {
        let own = transport.greeting(
            to: dialer?.link.peer ?? other.sender,
            on: dialer?.link.stream ?? PeerStream(rawValue: other.stream) ?? .consensus)
        try own.accept(
            other, nameOfNode: transport.configuration.nameOfNode, isNamed: { self.peerIsNamed($0) })
        if transport.isRemoved(other.sender) { throw .removed }
        guard transport.recognises(other) else { throw .disk }
        try transport.versions.note(other.newest, of: other.sender)
        if other.stepTable != own.stepTable {
            transport.log.note(
                .notice, "A peer takes other steps than this node: one of them is of another version",
                of: dialer?.link, ["peer": "\(other.sender)"])
        }
        if let dialer {
            guard !dialer.isStopped else { throw .stranger }
            return open(dialer.link, of: dialer)
        }
        guard other.sender < transport.configuration.node else { throw .direction }
        guard let stream = PeerStream(rawValue: other.stream), let link = transport.link(to: other.sender, on: stream)
        else { throw .stranger }
        write(.greeting, own.encoded())
        open(link, of: nil)
    }

    /// NIOSSL has checked that the cluster's authority has signed the certificate; whose it is, is for us to see.
    private func peerIsNamed(_ name: String) -> Bool {
        guard let shown = encryption.peerCertificate, let bytes = try? shown.toDERBytes(),
            let certificate = try? Certificate(derEncoded: bytes),
            let names = try? certificate.extensions.subjectAlternativeNames
        else { return false }
        return names.contains(.dnsName(name))
    }

    /// Tells the other end why, and ends.
    func refuse(_ reason: LinkRefusal) {
        switch phase {
        case .ended: return
        case .greeting(let dialer):
            transport.log.note(
                .warning, "A connection is refused", of: dialer?.link,
                ["reason": "\(reason)", "address": "\(address)"])
        case .open(let link, _, _):
            // A node that an operator has removed is nothing that went wrong.
            transport.log.note(
                reason == .removed ? .notice : .error, "A connection is broken off", of: link, ["reason": "\(reason)"])
        }
        transport.countRefusal()
        write(.refusal, [reason.rawValue])
        end(nil)
    }

    /// The other end has told us why.
    func turnedAway(_ content: [UInt8]) {
        let link: PeerLink? =
            switch phase {
            case .greeting(let dialer): dialer?.link
            case .open(let link, _, _): link
            case .ended: nil
            }
        let reason = content.first.flatMap { LinkRefusal(rawValue: $0) }
        transport.log.note(
            .warning, "A peer turns this node away; it says of this node",
            of: link, ["reason": "\(reason?.description ?? "a reason of a later version")"])
        if let link, let reason { transport.tell(link.peer, refuses: reason) }
        end(nil)
    }
}
