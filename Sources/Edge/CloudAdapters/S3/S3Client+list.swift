import Foundation

extension S3Client {
    /// The service's own limit for one answer.
    private static let keysPerAnswerMax = 1_000

    /// The objects whose keys begin with `prefix`, ascending by key.
    ///
    /// - Parameters:
    ///   - key: those behind it only; nil for all.
    ///   - countMax: how many at most; with the last one's key the list goes on.
    public func list(
        _ bucket: String, prefix: String = "", after key: String? = nil, countMax: Int
    ) async throws(CloudFailure) -> [S3Object] {
        var found: [S3Object] = []
        var token: String?
        repeat {
            var query = [
                CloudRequest.Field("list-type", "2"), .init("prefix", prefix), .init("encoding-type", "url"),
                .init("max-keys", "\(min(Self.keysPerAnswerMax, countMax - found.count))"),
            ]
            if let token {
                query.append(.init("continuation-token", token))
            } else if let key {
                query.append(.init("start-after", key))
            }
            let answer = try await send(CloudRequest(.get, "/\(bucket)", query: query))
            let text = String(decoding: answer.body, as: UTF8.self)
            found += try Self.objects(in: text, of: bucket)
            let goesOn = XMLText.first("IsTruncated", in: text) == "true"
            token = goesOn ? XMLText.first("NextContinuationToken", in: text) : nil
        } while token != nil && found.count < countMax
        return found
    }

    static func objects(in text: String, of bucket: String) throws(CloudFailure) -> [S3Object] {
        let isEncoded = XMLText.first("EncodingType", in: text) == "url"
        var objects: [S3Object] = []
        for content in XMLText.elements("Contents", in: text[...]) {
            guard let name = XMLText.first("Key", in: content), let tag = XMLText.first("ETag", in: content),
                let size = XMLText.first("Size", in: content).flatMap({ Int64($0) }),
                let key = isEncoded ? name.replacing("+", with: " ").removingPercentEncoding : name,
                let location = S3Location(bucket: bucket, key: key)
            else { throw .malformedAnswer("a list of objects") }
            objects.append(S3Object(location: location, size: size, tag: tag, upload: nil))
        }
        return objects
    }
}
