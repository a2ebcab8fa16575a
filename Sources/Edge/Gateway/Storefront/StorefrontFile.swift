import HTTPTypes
import Hummingbird
import NIOCore
import Steps

/// One file of the storefront, in memory, as it is and in the codings that lay beside it.
struct StorefrontFile: Sendable {
    /// A way to write the content down (RFC 9110, section 8.4.1), best first.
    enum Coding: String, CaseIterable, Sendable {
        case brotli = "br"
        case gzip = "gzip"

        /// Added to the name of the file that holds it.
        var suffix: String { self == .brotli ? ".br" : ".gz" }
    }

    private struct Variant {
        let body: ByteBuffer
        let headers: HTTPFields
    }

    private let plain: Variant
    private let coded: [(coding: Coding, variant: Variant)]

    /// - Parameters:
    ///   - coded: the same content in other codings; those that are absent are served as it is.
    ///   - headers: what goes with each answer besides.
    init(_ type: String, _ content: [UInt8], coded: [Coding: [UInt8]] = [:], headers: HTTPFields) {
        let digest = EntityTag.digest(of: content)
        func variant(_ bytes: [UInt8], _ coding: Coding?) -> Variant {
            var fields = headers
            fields[.contentType] = type
            fields[.contentLength] = String(bytes.count)
            // A tag is strong: what has other bytes has another one.
            fields[.eTag] = EntityTag(opaque: coding.map { "\(digest)-\($0.rawValue)" } ?? digest).text
            fields[.contentEncoding] = coding?.rawValue
            if !coded.isEmpty { fields[.vary] = "Accept-Encoding" }
            if coding == nil { fields[.acceptRanges] = "bytes" }
            return Variant(body: ByteBuffer(bytes: bytes), headers: fields)
        }
        plain = variant(content, nil)
        self.coded = Coding.allCases.compactMap { coding in coded[coding].map { (coding, variant($0, coding)) } }
    }

    /// The content as it is, and in each coding, as a store without a choice of its own has to serve it.
    func stored(as path: String) -> [StoredFile] {
        let codings: [(suffix: String, variant: Variant)] = coded.map { ($0.coding.suffix, $0.variant) }
        return (codings + [("", plain)]).map { suffix, variant in
            StoredFile(
                path: path + suffix, content: Array(variant.body.readableBytesView),
                type: variant.headers[.contentType] ?? "", cacheControl: variant.headers[.cacheControl] ?? "",
                coding: variant.headers[.contentEncoding])
        }
    }

    /// The bytes of the content as it is.
    var count: Int { plain.body.readableBytes }

    /// Answers a GET or HEAD; the pipeline turns it into a 304 where the client's copy is current.
    func response(to request: Request) throws(Problem) -> Response {
        // A part is one of the plain content. A client that names a version gets the whole or a 304.
        let isConditional = request.headers[.ifNoneMatch] != nil || request.headers[.ifRange] != nil
        if request.method == .get, !isConditional, let text = request.headers[.range] {
            switch ByteRange(text, of: count) {
            case .part(let range): return part(range)
            case .unsatisfiable:
                return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(count)"])
            case .whole: return whole(plain)
            }
        }
        return whole(best(for: request.headers[values: .acceptEncoding]))
    }

    /// Answers a browser that asks for what is not there.
    func missing(for request: Request) -> Response {
        var response = whole(best(for: request.headers[values: .acceptEncoding]))
        response.status = .notFound
        // Others are told so in JSON.
        response.headers.append(HTTPField(name: .vary, value: "Accept"))
        (response.headers[.eTag], response.headers[.acceptRanges]) = (nil, nil)
        return response
    }

    private func best(for accepted: [String]) -> Variant {
        guard !coded.isEmpty, !accepted.isEmpty else { return plain }
        let accepted = AcceptedCodings(accepted)
        return coded.first { accepted.allow($0.coding.rawValue) }?.variant ?? plain
    }

    private func whole(_ variant: Variant) -> Response {
        Response(status: .ok, headers: variant.headers, body: ResponseBody(byteBuffer: variant.body))
    }

    private func part(_ range: Range<Int>) -> Response {
        var headers = plain.headers
        headers[.contentLength] = String(range.count)
        headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)"
        let start = plain.body.readerIndex + range.lowerBound
        guard let body = plain.body.getSlice(at: start, length: range.count) else {
            preconditionFailure("a part lies within its file")
        }
        return Response(status: .partialContent, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
