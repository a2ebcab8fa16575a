/// A change of membership, as it travels through the log (Raft, section 6; thesis, chapter 4).
public struct MembershipChange: Hashable, Sendable {
    /// What happens to one node.
    public struct Operation: Hashable, Sendable {
        /// Its new part.
        public enum Kind: Hashable, Sendable {
            case addVoter, addLearner, remove
            /// Changes no node's part; carries a new context, such as an address.
            case update
        }
        /// Its new part.
        public var kind: Kind
        /// Whom it is about.
        public var node: NodeID

        public init(_ kind: Kind, _ node: NodeID) {
            self.kind = kind
            self.node = node
        }
    }

    /// Whether to pass through a joint state, and who ends it.
    public enum Transition: Hashable, Sendable {
        /// At once if one operation does it, else through a joint state that ends by itself.
        case automatic
        /// Through a joint state that ends by itself.
        case joint
        /// Through a joint state that lasts until `leaveJoint` is proposed.
        case jointUntilLeft
    }

    /// Performed in order; none ends a joint state.
    public var operations: [Operation]
    /// Whether to pass through a joint state.
    public var transition: Transition
    /// Opaque to the core: an address, or who asked.
    public var context: [UInt8]

    public init(_ operations: [Operation], transition: Transition = .automatic, context: [UInt8] = []) {
        self.operations = operations
        self.transition = transition
        self.context = context
    }

    /// Ends a joint state.
    public static let leaveJoint = MembershipChange([])

    var leavesJoint: Bool { operations.isEmpty && transition == .automatic }
    var entersJoint: Bool { operations.count > 1 || transition != .automatic }

    var byteCount: Int { leavesJoint ? context.count : context.count + operations.count * 9 + 1 }
}

/// Why a membership change cannot be made.
public enum MembershipRefusal: Error, Hashable, Sendable {
    /// An earlier change may not have been applied yet.
    case changePending(EntryIndex)
    case alreadyJoint
    case notJoint
    case removesAllVoters
    /// A group without voters cannot become joint.
    case noVoters
    /// Without a joint state only one voter can change at a time.
    case severalVoters
}
