/// What bounds a shard's memory and the work of one step. Counts unless a unit is named.
public struct ShardLimits: Sendable {
    /// Records that an owner's changes may lag behind before the round begins that saves them. It takes half as many
    /// again: a restart replays up to so much.
    public var saveLagRecords: UInt64 = 50_000
    /// Ticks after which changes are saved though little else happens.
    public var saveLagTicks: UInt64 = 20
    /// Owners saved with one commit, or asked whether they can leave, before others get their turn: one or two
    /// milliseconds of work, and so few rows that saving rides along instead of stalling the flush.
    public var ownersPerStepMax = 512
    /// Rows of history that one owner keeps before it is saved: a hot SKU makes thousands a second.
    public var unsavedHistoryMax = 1_024
    /// Owners in memory before idle ones leave early.
    public var residentsMax = 200_000
    /// Ticks without use after which an owner leaves memory.
    public var idleTicks: UInt64 = 6
    /// Owners asked in one tick whether they can leave.
    public var residentsPerTickMax = 50_000
    /// The size of one step of a replay. The owners that it changes are no more than one step saves, so that a long
    /// replay keeps few of them in memory.
    public var replayBatchRecords = 128
    public var replayBatchBytes = 1 << 20
    /// How long an alarm that was handed out rests before it is handed out again, if its aggregate still wants it.
    public var alarmRetry = Duration.seconds(5)
    /// Rows looked at in one tick for states that may be forgotten: some hundred microseconds of work.
    public var forgetRowsPerTickMax = 256
    /// Ticks between two searches for states to forget. Forgetting frees disk, which is not urgent.
    public var forgetRestTicks: UInt64 = 2_400
    /// Chunks of history looked at in one tick for those that are older than the log. One holds up to
    /// `unsavedHistoryMax` rows.
    public var pruneChunksPerTickMax = 128
    /// How often the shard looks after itself.
    public var tickInterval = Duration.milliseconds(250)

    public init() {}
}
