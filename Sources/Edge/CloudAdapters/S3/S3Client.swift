import EventSourcing

/// Objects of S3, or of a server that speaks it: written, read, listed and deleted, with bounded memory.
///
/// Every call is tried again within `CloudPolicy`, signed with the digest of its body, which the service compares.
public final class S3Client: Sendable {
    /// More is written in parts, and read in parts: what one part takes is the memory that a file takes.
    public static let partBytes = 8 << 20
    /// Lists and refusals: a thousand keys of a kilobyte, escaped.
    static let answerBytesMax = 8 << 20
    static let uploadField = "x-amz-meta-upload"

    let client: CloudClient
    let random: @Sendable () -> UInt64

    /// - Parameters:
    ///   - clock: the time that requests are signed with.
    ///   - random: names uploads.
    public init(
        _ settings: CloudSettings, policy: CloudPolicy = CloudPolicy(), clock: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        client = CloudClient(settings, policy: policy, clock: clock)
        self.random = random
    }

    /// Closes the connections. Calls under way fail; no call may follow.
    public func shutdown() async { await client.shutdown() }

    /// Writes one object, whole or not at all.
    ///
    /// - Parameters:
    ///   - bytes: at most `partBytes`; `upload` takes files of any size.
    ///   - replacing: whether an object of that name may be replaced.
    /// - Throws: `alreadyThere` when it may not, and is there.
    public func put(
        _ bytes: [UInt8], to location: S3Location, _ head: S3ObjectHead = S3ObjectHead(), replacing: Bool = true
    ) async throws(CloudFailure) {
        precondition(bytes.count <= Self.partBytes, "more than one part is for upload")
        let upload = uploadName()
        var request = CloudRequest(.put, location.path, headers: head.fields, body: bytes)
        request.headers.append(.init(Self.uploadField, upload))
        if !replacing { request.headers.append(.init("if-none-match", "*")) }
        do throws(CloudFailure) {
            _ = try await send(request)
        } catch {
            try await settle(error, upload, location)
        }
    }

    /// - Returns: nil when there is no such object.
    public func head(_ location: S3Location) async throws(CloudFailure) -> S3Object? {
        do throws(CloudFailure) {
            let answer = try await send(CloudRequest(.head, location.path))
            guard let size = answer.header("content-length").flatMap({ Int64($0) }), let tag = answer.header("etag")
            else { throw .malformedAnswer("neither size nor tag of \(location)") }
            return S3Object(location: location, size: size, tag: tag, upload: answer.header(Self.uploadField))
        } catch {
            guard case .refused(let refusal) = error, refusal.status == 404 else { throw error }
            return nil
        }
    }

    /// Reads a part of an object, or the whole of a small one.
    ///
    /// - Parameters:
    ///   - range: of at most `partBytes`; nil for all of an object that has no more.
    ///   - tag: of the object that is meant; the call is refused for another one.
    public func get(
        _ location: S3Location, range: Range<Int64>? = nil, of tag: String? = nil
    ) async throws(CloudFailure) -> [UInt8] {
        var request = CloudRequest(.get, location.path)
        if let range { request.headers.append(.init("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")) }
        if let tag { request.headers.append(.init("if-match", tag)) }
        let answer = try await send(request, answerUpTo: Self.partBytes)
        guard range.map({ answer.status == 206 && answer.body.count == $0.count }) ?? true else {
            throw .malformedAnswer("\(answer.body.count) bytes of \(location), and not those that were asked for")
        }
        return answer.body
    }

    /// Deletes an object. One that is not there is no failure.
    public func delete(_ location: S3Location) async throws(CloudFailure) {
        _ = try await send(CloudRequest(.delete, location.path))
    }

    func send(
        _ request: CloudRequest, answerUpTo bytesMax: Int = answerBytesMax
    ) async throws(CloudFailure) -> CloudAnswer {
        try await client.send(request, answerUpTo: bytesMax)
    }

    // MARK: - Writing once

    func uploadName() -> String { String(random(), radix: 16) + String(random(), radix: 16) }

    /// Finds out whether an attempt whose answer was lost has written the object after all: its refusal says only that
    /// there is one now, or that the upload has ended.
    func settle(_ failure: CloudFailure, _ upload: String, _ location: S3Location) async throws(CloudFailure) {
        guard case .refused(let refusal) = failure, [404, 409, 412].contains(refusal.status) else { throw failure }
        if try await head(location)?.upload == upload { return }
        throw refusal.status == 412 ? .alreadyThere(location.description) : failure
    }
}
