import Consensus
import Wire

/// The byte form of memberships and of their changes.
///
///     change:      transition (1), operations: { kind (1), node (8) }, context (blob)
///     membership:  voters, outgoing voters, learners, next learners: { node (8) }, leaves automatically (1)
enum MembershipForm {
    /// Far more than any group has. Sets of nodes are made for a few: what a peer sends must not keep a node busy.
    private static let nodesMax = 1_000

    static func write(_ change: MembershipChange, into writer: inout RecordWriter) {
        let transition: UInt8 =
            switch change.transition {
            case .automatic: 0
            case .joint: 1
            case .jointUntilLeft: 2
            }
        writer.write(transition)
        writer.writeArray(change.operations) { writer, operation in
            let kind: UInt8 =
                switch operation.kind {
                case .addVoter: 0
                case .addLearner: 1
                case .remove: 2
                case .update: 3
                }
            writer.write(kind)
            writer.write(operation.node.rawValue)
        }
        writer.write(change.context)
    }

    static func readChange(_ bytes: ArraySlice<UInt8>) throws(FormatDamage) -> MembershipChange {
        var reader = RecordReader(bytes)
        do {
            let transitions: [MembershipChange.Transition] = [.automatic, .joint, .jointUntilLeft]
            let kinds: [MembershipChange.Operation.Kind] = [.addVoter, .addLearner, .remove, .update]
            let transition = Int(try reader.readByte())
            let operations = try reader.readArray(bytesMin: 9) { reader in
                let kind = Int(try reader.readByte())
                guard kinds.indices.contains(kind) else { throw FormatDamage("an unknown operation on a membership") }
                return MembershipChange.Operation(kinds[kind], NodeID(try reader.readUInt64()))
            }
            let context = try reader.readBlob()
            try reader.finish()
            guard transitions.indices.contains(transition) else { throw FormatDamage("an unknown transition") }
            return MembershipChange(operations, transition: transitions[transition], context: Array(context))
        } catch {
            throw error as? FormatDamage ?? FormatDamage("a change of membership that cannot be read")
        }
    }

    static func write(_ membership: Membership, into writer: inout RecordWriter) {
        for nodes in [membership.voters, membership.outgoingVoters, membership.learners, membership.nextLearners] {
            writer.writeArray(Array(nodes)) { $0.write($1.rawValue) }
        }
        writer.write(membership.leavesJointAutomatically)
    }

    static func readMembership(_ reader: inout RecordReader) throws -> Membership {
        var sets: [NodeSet] = []
        for _ in 0..<4 {
            let nodes = try reader.readArray(bytesMin: 8) { NodeID(try $0.readUInt64()) }
            guard nodes.count <= nodesMax else { throw FormatDamage("a membership of \(nodes.count) nodes") }
            sets.append(NodeSet(nodes))
        }
        guard
            let membership = Membership(
                voters: sets[0], outgoingVoters: sets[1], learners: sets[2], nextLearners: sets[3],
                leavesJointAutomatically: try reader.readBool())
        else { throw FormatDamage("a membership that contradicts itself") }
        return membership
    }
}
