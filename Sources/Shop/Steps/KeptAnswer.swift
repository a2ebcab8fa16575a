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
public struct KeyReused: Error, Hashable, Sendable {
    public init() {}
}

extension Batch {
    /// What was kept under `key` when its request was done; nil when it is to be done now.
    package func kept(under key: StepKey?) throws(KeyReused) -> KeptAnswer? {
        guard let key, let claim = read(IdempotencyKey.self, key.id).state.standing(at: now) else { return nil }
        guard claim.fingerprint == key.fingerprint, case .answer(_, let location, let body) = claim.subject else {
            throw KeyReused()
        }
        return KeptAnswer(location: location, body: body)
    }

    /// Claims `key`, which is free, in the record of what was done.
    ///
    /// - Parameter body: at most `IdempotencyKey.answerBytesMax`; made only when there is a key.
    package func keep(_ body: @autoclosure () -> [UInt8], under key: StepKey?) {
        guard let key else { return }
        do throws(IdempotencyKey.Refusal) {
            try decide(
                IdempotencyKey.self, key.id,
                .claim(
                    fingerprint: key.fingerprint,
                    subject: .answer(status: Self.keptStatus, location: nil, body: body()),
                    expiresAt: now + StepKey.lifetime))
        } catch {
            preconditionFailure("a key that does not stand refused an answer within its limits: \(error)")
        }
    }

    /// Keys say a status; a step that was done knows of one only.
    private static var keptStatus: UInt16 { 200 }
}

// MARK: - Bytes

extension KeptAnswer {
    /// The first byte of what a step keeps. JSON begins with another.
    private static let form: UInt8 = 1

    /// What a step keeps: the form, and the fields that `write` appends.
    package static func bytes(_ write: (inout RecordWriter) -> Void) -> [UInt8] {
        var writer = RecordWriter()
        writer.append(form)
        write(&writer)
        return writer.bytes
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
