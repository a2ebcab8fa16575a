/// What can happen to the nodes of a cluster and to the network between them.
enum Fault: String, CaseIterable, Sendable {
    case killLeader, killFollower, killAll
    case stop, pause, pauseLeader
    /// Every node is stopped and started, one after the other.
    case restartEach
    /// A node gets a fifth of the processor.
    case starve
    /// The nodes' certificates are replaced while they run.
    case renewCertificates
    /// A node's wall clock is set, ahead or back, and set right again.
    case clockJump
    /// Flushes or writes of a node fail, upon which it has to end.
    case brokenDisk
    /// Nothing is free on a node's disk for a while, or each of its flushes takes long.
    case fullDisk, slowDisk
    /// A node's disk gives back other bits than were written, until an empty node takes its place.
    case flippedBits
    /// A node and its disk are lost, and an empty node takes its place.
    case replacement
    /// A node that no other node hears, and that hears none.
    case cutOffLeader, cutOffFollower
    /// What one node sends is lost, or what it is sent.
    case muteLeader, deafLeader, cutOneWay
    /// Two nodes lose each other, and the others keep both.
    case bridge
    case slow, lossy
    /// Connections between two nodes break off, and come back.
    case reset

    /// How often, of all.
    var weight: Int {
        switch self {
        case .killLeader: 12
        case .killFollower: 8
        case .killAll: 2
        case .stop: 4
        case .pause: 6
        case .pauseLeader: 2
        case .restartEach, .starve, .renewCertificates: 1
        case .clockJump, .fullDisk: 2
        case .brokenDisk: 3
        case .slowDisk, .flippedBits, .replacement: 1
        case .cutOffLeader: 3
        case .cutOffFollower: 2
        case .muteLeader, .deafLeader, .cutOneWay, .bridge, .reset: 1
        case .slow, .lossy: 1
        }
    }

    /// Whether it needs machines that can be maltreated.
    var isOfMachine: Bool {
        switch self {
        case .clockJump, .brokenDisk, .fullDisk, .slowDisk: true
        default: false
        }
    }

    /// Whether other nodes are members then, of which a network between the first ones knows nothing.
    var changesMembers: Bool { self == .flippedBits || self == .replacement }

    /// Whether it needs a network that can be maltreated.
    var isOfNetwork: Bool {
        switch self {
        case .killLeader, .killFollower, .killAll, .stop, .pause, .pauseLeader: false
        case .restartEach, .starve, .renewCertificates: false
        case .clockJump, .brokenDisk, .fullDisk, .slowDisk, .flippedBits, .replacement: false
        default: true
        }
    }

    static let ofProcesses = allCases.filter { !$0.isOfNetwork }
    static let ofNetwork = allCases.filter { $0.isOfNetwork }

    var name: String {
        switch self {
        case .killLeader: "kills of the leader"
        case .killFollower: "kills of a follower"
        case .killAll: "kills of all nodes"
        case .stop: "stops"
        case .pause: "pauses"
        case .pauseLeader: "pauses of the leader"
        case .restartEach: "rolling restarts"
        case .starve: "throttled processors"
        case .renewCertificates: "renewed certificates"
        case .clockJump: "set clocks"
        case .brokenDisk: "disks that fail"
        case .fullDisk: "full disks"
        case .slowDisk: "slow disks"
        case .flippedBits: "disks with flipped bits"
        case .replacement: "nodes replaced by empty ones"
        case .cutOffLeader: "partitions of the leader"
        case .cutOffFollower: "partitions of a follower"
        case .muteLeader: "leaders not heard"
        case .deafLeader: "leaders that hear nothing"
        case .cutOneWay: "one-way cuts"
        case .bridge: "bridges"
        case .slow: "slow networks"
        case .lossy: "networks with loss"
        case .reset: "resets"
        }
    }

    /// How often each struck.
    struct Tally: CustomStringConvertible, Sendable {
        private var counts: [Fault: Int] = [:]

        mutating func add(_ fault: Fault) { counts[fault, default: 0] += 1 }
        mutating func add(_ other: Self) { counts.merge(other.counts) { $0 + $1 } }

        var description: String {
            Fault.allCases.compactMap { fault in counts[fault].map { "\($0) \(fault.name)" } }.joined(separator: ", ")
        }
    }
}
