import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import NIOCore
import Schema
import Steps

/// What a request that creates something is answered, as its idempotency key keeps it.
///
/// It is kept in the record of the effect, so that a retry finds either both or neither. Passwords, tokens and anything
/// else that must not stand in a log have no place in it.
struct IdempotentAnswer: Sendable {
    let status: HTTPResponse.Status
    var location: String?
    /// JSON text.
    var body: [UInt8]
    /// What is kept in place of a body that is too large to be kept; JSON text.
    var summary: [UInt8] = []
    /// Whether the summary is kept in any case: the rest can be read again.
    var keepsSummary = false
    /// Whether it was given before.
    fileprivate(set) var isReplay = false

    init(status: HTTPResponse.Status, location: String? = nil, json: JSONWriter) {
        self.status = status
        self.location = location
        body = json.bytes
    }

    /// An answer that is only a part of what the request is answered.
    init(status: HTTPResponse.Status, body: [UInt8], summary: [UInt8]) {
        self.status = status
        self.body = body
        self.summary = summary
    }

    fileprivate init(replaying status: UInt16, location: String?, body: [UInt8]) {
        self.status = HTTPResponse.Status(code: Int(status))
        self.location = location
        self.body = body
        isReplay = true
    }

    fileprivate var subject: IdempotencyKey.Subject {
        let kept = keepsSummary || body.count > IdempotencyKey.answerBytesMax ? summary : body
        return .answer(status: UInt16(status.code), location: location, body: kept)
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let location { headers[.location] = location }
        if isReplay { headers[.idempotentReplayed] = "true" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// Why a request under a key was refused. Nothing was recorded: the key is as free as it was before.
enum KeyedRefusal<Refusal: Error>: Error {
    /// The key stands for another request.
    case keyReused
    case refused(Refusal)
}

extension KeyedRefusal: ProblemConvertible where Refusal: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .keyReused: Problem(.idempotencyKeyReused)
        case .refused(let refusal): refusal.problem
        }
    }
}

extension KeyReused: ProblemConvertible {
    public var problem: Problem { Problem(.idempotencyKeyReused) }
}

/// Of a request whose effect is never refused.
extension Never: ProblemConvertible {
    public var problem: Problem { switch self {} }
}

extension Batch {
    /// Does `effect` once for each key, however often and from wherever it is asked for: the first answer stands.
    ///
    ///     let answer = try await shop.execute(on: sku.slot, by: principal.actor) {
    ///         batch throws(KeyedRefusal<Stock.Refusal>) in
    ///         try batch.once(key, on: sku.slot) { batch throws(Stock.Refusal) in
    ///             try batch.decide(Stock.self, sku, .reserve(.manual(id), units, until: deadline))
    ///             return IdempotentAnswer(status: .created, json: ...)
    ///         }
    ///     }
    ///     return answer.response
    ///
    /// - Parameters:
    ///   - key: nil for a request without one, whose effect happens each time.
    ///   - slot: of the aggregates that change; the key is kept beside them. Retries must come to the same slot.
    ///   - again: makes the answer to a retry out of what was kept, where that is not the answer itself: of what can be
    ///     read at any time, as the cart can, nothing is kept.
    func once<Refusal: Error>(
        _ key: RequestKey?, on slot: Slot,
        again: (Batch, _ kept: IdempotentAnswer) -> IdempotentAnswer = { $1 },
        _ effect: (Batch) throws(Refusal) -> IdempotentAnswer
    ) throws(KeyedRefusal<Refusal>) -> IdempotentAnswer {
        let id = key?.id(on: slot)
        if let key, let id, let claim = read(IdempotencyKey.self, id).state.standing(at: now) {
            guard claim.fingerprint == key.fingerprint, case .answer(let status, let location, let body) = claim.subject
            else { throw .keyReused }
            var answer = again(self, IdempotentAnswer(replaying: status, location: location, body: body))
            answer.isReplay = true
            return answer
        }
        let answer: IdempotentAnswer
        do throws(Refusal) {
            answer = try effect(self)
        } catch {
            throw .refused(error)
        }
        if let key, let id { keep(answer, under: id, key) }
        return answer
    }

    private func keep(_ answer: IdempotentAnswer, under id: IdempotencyKeyID, _ key: RequestKey) {
        do throws(IdempotencyKey.Refusal) {
            try decide(
                IdempotencyKey.self, id,
                .claim(
                    fingerprint: key.fingerprint, subject: answer.subject, expiresAt: now + StepKey.lifetime))
        } catch {
            preconditionFailure("a key that does not stand refused an answer within its limits: \(error)")
        }
    }
}
