/// An object that is written in parts, one after the other, and is there once all of them are.
///
/// Source: "Uploading and copying objects using multipart upload", Amazon S3 user guide.
final class MultipartUpload {
    /// The service's own limit is 10,000.
    private static let partsMax = 9_000
    private static let mebibyte = 1 << 20

    private let location: S3Location
    private let s3: S3Client
    private let name: String
    private let id: String
    private var tags: [String] = []

    init(to location: S3Location, _ head: S3ObjectHead, over s3: S3Client) async throws(CloudFailure) {
        self.location = location
        self.s3 = s3
        name = s3.uploadName()
        let answer = try await s3.send(
            CloudRequest(
                .post, location.path, query: [.init("uploads", "")],
                headers: head.fields + [.init(S3Client.uploadField, name)]))
        guard let id = XMLText.first("UploadId", in: String(decoding: answer.body, as: UTF8.self)) else {
            throw .malformedAnswer("no id of an upload")
        }
        self.id = id
    }

    /// So large that no file has too many parts, in whole mebibytes.
    static func partBytes(for size: Int) -> Int {
        let least = (size + partsMax - 1) / partsMax
        return max(S3Client.partBytes, (least + mebibyte - 1) / mebibyte * mebibyte)
    }

    func add(_ bytes: [UInt8]) async throws(CloudFailure) {
        let query = [CloudRequest.Field("partNumber", "\(tags.count + 1)"), .init("uploadId", id)]
        let answer = try await s3.send(CloudRequest(.put, location.path, query: query, body: bytes))
        guard let tag = answer.header("etag") else { throw .malformedAnswer("no tag of part \(tags.count + 1)") }
        tags.append(tag)
    }

    func complete(replacing: Bool) async throws(CloudFailure) {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(XMLText.escaped(tag))</ETag></Part>"
        }
        let body = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
        var request = CloudRequest(.post, location.path, query: [.init("uploadId", id)], body: Array(body.utf8))
        if !replacing { request.headers.append(.init("if-none-match", "*")) }
        do throws(CloudFailure) {
            let answer = try await s3.send(request)
            // The service answers before it knows how it ends.
            let text = String(decoding: answer.body, as: UTF8.self)
            guard XMLText.elements("Error", in: text[...]).isEmpty else { throw .refused(CloudRefusal(answer)) }
        } catch {
            try await s3.settle(error, name, location)
        }
    }

    /// Gives back what the parts take, also when the caller has been cancelled. Where that fails, the bucket's rules
    /// do it.
    func abort() async {
        let (s3, location, id) = (s3, location, id)
        await Task {
            _ = try? await s3.send(CloudRequest(.delete, location.path, query: [.init("uploadId", id)]))
        }.value
    }
}
