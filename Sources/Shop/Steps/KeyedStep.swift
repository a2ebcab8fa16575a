import ActorSystem
import Commerce
import EventSourcing

/// A step that is taken once for each key, and refused once: a repeated request is told what the first one was told.
///
/// A refusal holds as an effect does. An attempt may be held up on its way; were the key free after a refusal, it would
/// come to something after its client has been told that nothing came of it.
public protocol KeyedStep: ShardStep where Refusal: KeyedRefusal {
    /// On the shard of the step. Without one the step is taken as often as it is asked for.
    var key: StepKey? { get }
}

extension KeyedStep {
    /// What the key stands for. See `Batch.standing`.
    package func standing(in batch: Batch) throws(Refusal) -> IdempotencyKey.Subject? {
        try batch.standing(under: key, refusing: Refusal.self)
    }

    /// What was kept when the request was done. See `Batch.kept`.
    package func kept(in batch: Batch) throws(Refusal) -> KeptAnswer? {
        try batch.kept(under: key, refusing: Refusal.self)
    }

    public func keep(_ refusal: Refusal, in batch: Batch) { batch.keep(refusal, under: key) }
}

/// Why a step under a key was refused.
public protocol KeyedRefusal: Error, WireCodable {
    /// The key stands for another request.
    static var keyReused: Self { get }

    /// Whether the key keeps it. What is not kept changes nothing: the same request is decided anew.
    var isKept: Bool { get }
}
