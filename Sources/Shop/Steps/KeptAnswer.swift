import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// What a key keeps of the answer to its request: what a step wrote, or an answer of an earlier version.
public struct KeptAnswer: Sendable, Hashable {
    /// Kept by an earlier version only.
    public let location: String?
    public let body: [UInt8]
}

/// The key stands for another request.
public struct KeyReused: KeyedRefusal, Hashable {
    public static var keyReused: KeyReused { KeyReused() }
    public var isKept: Bool { false }

    public init() {}
}

extension Batch {
    /// What `key` stands for; nil when its request is to be decided now.
    ///
    /// - Throws: what the request was refused before, or that the key stands for another.
    package func standing<Refusal: KeyedRefusal>(
        under key: StepKey?, refusing _: Refusal.Type
    ) throws(Refusal) -> IdempotencyKey.Subject? {
        guard let key, let claim = read(IdempotencyKey.self, key.id).state.standing(at: now) else { return nil }
        guard claim.fingerprint == key.fingerprint else { throw .keyReused }
        if case .answer(_, _, let body) = claim.subject, let refusal: Refusal = KeptAnswer.refusal(body) {
            throw refusal
        }
        return claim.subject
    }

    /// What was kept under `key` when its request was done; nil when it is to be done now.
    ///
    /// - Throws: as `standing`.
    package func kept<Refusal: KeyedRefusal>(
        under key: StepKey?, refusing refusal: Refusal.Type
    ) throws(Refusal) -> KeptAnswer? {
        guard let subject = try standing(under: key, refusing: refusal) else { return nil }
        guard case .answer(_, let location, let body) = subject else { throw .keyReused }
        return KeptAnswer(location: location, body: body)
    }

    /// Claims `key`, which is free, in the record of what was done.
    ///
    /// - Parameter body: at most `IdempotencyKey.answerBytesMax`; made only when there is a key.
    package func keep(_ body: @autoclosure () -> [UInt8], under key: StepKey?) {
        guard let key else { return }
        claim(key, .answer(status: Self.doneStatus, location: nil, body: body()))
    }

    /// Claims `key` for a refusal that it keeps, unless it stands already.
    package func keep<Refusal: KeyedRefusal>(_ refusal: Refusal, under key: StepKey?) {
        guard let key, refusal.isKept, !Mistake.refusalFreesKey.isMade,
            read(IdempotencyKey.self, key.id).state.standing(at: now) == nil
        else { return }
        claim(key, .answer(status: Self.refusedStatus, location: nil, body: KeptAnswer.bytes(of: refusal)))
    }

    private func claim(_ key: StepKey, _ subject: IdempotencyKey.Subject) {
        do throws(IdempotencyKey.Refusal) {
            try decide(
                IdempotencyKey.self, key.id,
                .claim(fingerprint: key.fingerprint, subject: subject, expiresAt: now + StepKey.lifetime))
        } catch {
            preconditionFailure("a key that does not stand refused an answer within its limits: \(error)")
        }
    }

    /// Keys say a status; a step knows whether it was done, and no more.
    private static var doneStatus: UInt16 { 200 }
    private static var refusedStatus: UInt16 { 409 }
}

// MARK: - Bytes

extension KeptAnswer {
    /// The first byte of what a step keeps of its answer. JSON begins with another.
    private static let form: UInt8 = 1
    /// That of a refusal.
    private static let refusalForm: UInt8 = 2

    /// What a step keeps: the form, and the fields that `write` appends.
    package static func bytes(_ write: (inout RecordWriter) -> Void) -> [UInt8] {
        var writer = RecordWriter()
        writer.append(form)
        write(&writer)
        return writer.bytes
    }

    /// What a step keeps of its refusal.
    static func bytes<Refusal: KeyedRefusal>(of refusal: Refusal) -> [UInt8] {
        var bytes = [refusalForm]
        refusal.encode(into: &bytes)
        return bytes
    }

    /// The refusal that a step kept; nil when it kept an answer.
    static func refusal<Refusal: KeyedRefusal>(_ body: [UInt8]) -> Refusal? {
        guard body.first == refusalForm else { return nil }
        do throws(MalformedBytes) {
            return try Refusal(decoding: body.dropFirst())
        } catch {
            preconditionFailure("a key keeps a refusal that cannot be read: \(error)")
        }
    }

    /// Whether the gateway of an earlier version wrote it: JSON.
    package var isDocument: Bool { body.first == UInt8(ascii: "{") }

    /// What a step kept.
    package func value<Value>(_ read: (inout FieldReader) throws(MalformedBytes) -> Value) -> Value {
        do throws(MalformedBytes) {
            return try FieldReader.whole(body[...]) { fields throws(MalformedBytes) in
                guard try fields.byte() == Self.form else { throw fields.malformed("no such form of a kept answer") }
                return try read(&fields)
            }
        } catch {
            preconditionFailure("a key keeps an answer that cannot be read: \(error)")
        }
    }
}

/// The refusal of a step that nothing but its key refuses.
extension KeyReused: WireCodable {
    public func encode(into bytes: inout [UInt8]) { bytes.append(1) }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.count == 1, bytes.first == 1 else { throw MalformedBytes("no such refusal of a key", at: 0) }
        self.init()
    }
}
