/// What one peer may make this node hold, and how long it may keep this node waiting.
public struct TransportLimits: Sendable {
    /// Bytes of the longest frame of each stream: the longest record, and what is said about it.
    public var frameBytesMax = (4 << 20) + (64 << 10)
    /// Bytes that wait for one stream of one peer: two windows of a follower that catches up. Past it frames are
    /// refused: a peer that is slow loses what it would get too late.
    public var queueBytesMax = 32 << 20
    /// Frames that wait with them: so that short ones cost no more than long ones.
    public var queueFramesMax = 16_384
    /// Bytes that the kernel has not taken from us, past which no more is encrypted.
    public var unsentBytesMax = 1 << 20
    /// Connections that have not said who they are. A stranger can hold no more.
    public var strangersMax = 64
    /// A connection on which nothing was sent for a tick carries a ping.
    public var tick = Duration.seconds(1)
    /// Ticks without a byte from the peer, after which it counts as gone. A node that was stopped itself meanwhile has
    /// missed its ticks too, so that it reads first.
    public var silentTicksMax = 4
    /// Ticks that a connection has to say who it is. A handshake takes milliseconds.
    public var handshakeTicksMax = 5
    /// How long the kernel may try to reach a peer.
    public var connectTimeMax = Duration.seconds(2)
    /// The pause before the second attempt to reach a peer; it doubles with each further one.
    public var pauseMin = Duration.milliseconds(20)
    /// A node that comes back is connected within this. An attempt costs a few packets.
    public var pauseMax = Duration.milliseconds(500)

    /// Bytes of a greeting or of a refusal, all that a connection may send before it is accepted.
    static let greetingBytesMax = 256
    /// Bytes that are written to a connection at once.
    static let batchBytesMax = 256 << 10

    public init() {}

    func validate() {
        precondition(queueBytesMax >= frameBytesMax, "the longest frame has to fit into its queue")
        precondition(pauseMin > .zero && pauseMax >= pauseMin, "a pause has a length")
        precondition(silentTicksMax > 1, "a ping needs a tick to arrive")
    }
}
