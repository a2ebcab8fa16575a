/// The wire number of a distributed function. Never reused.
struct TargetNumber: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8
}

/// The distributed functions that a node may be asked for. The runtime calls whatever a name says, so a peer sends
/// numbers, and these are all that there are.
enum CallTargets {
    /// `ShardLeader.take(_:)`, as the compiler names it.
    static let take = (
        number: TargetNumber(rawValue: 1), name: "$s11RemoteCalls11ShardLeaderC4takeyAA0D5ReplyVAA0C4CallVYaKFTE"
    )

    static func name(of number: TargetNumber) -> String? { number == take.number ? take.name : nil }

    static func number(of name: String) -> TargetNumber? { name == take.name ? take.number : nil }
}
