import EventSourcing
import Hummingbird
import Testing

@testable import Gateway

@Suite("Reading queries")
struct QueryReaderTests {
    enum Sort: String, CaseIterable { case price, title }

    func request(_ path: String) -> Request {
        Request(
            head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: path),
            body: RequestBody(buffer: ByteBuffer()))
    }

    func read(_ query: String) throws -> String {
        try QueryReader.read(request("/x?\(query)")) { (query: inout QueryReader) -> String? in
            let limit = query.integer("limit", in: 1...100)
            let search = query.string("q", length: 1...10)
            let sort = query.choice("sort", of: Sort.self)
            let stock = query.boolean("in_stock")
            return "\(limit ?? 20) \(search ?? "-") \(sort?.rawValue ?? "-") \(stock ?? false)"
        }
    }

    func pointers(_ query: String) -> [String] {
        do throws {
            _ = try read(query)
            return []
        } catch {
            return (error as? FieldErrors)?.errors.map { "\($0.pointer) \($0.detail)" } ?? ["\(error)"]
        }
    }

    @Test("parameters are decoded and default when they are missing")
    func good() throws {
        #expect(try read("") == "20 - - false")
        #expect(try read("q=caf%C3%A9+au&limit=5&sort=price&in_stock=true") == "5 café au price true")
    }

    @Test("a moment's plus may come as it is, and no other space is taken for one")
    func moments() throws {
        func moment(_ text: String) throws -> Timestamp? {
            try QueryReader.read(request("/x?at=\(text)")) { (query: inout QueryReader) -> Timestamp?? in
                .some(query.moment("at"))
            }
        }
        let noon = try #require(Timestamp(rfc3339: "2026-11-30T11:00:00Z"))
        for text in ["T12:00:00%2B01:00", "T12:00:00+01:00", "T12:00:00%2001:00", "T12:00:00.000+01:00", "T11:00:00Z"] {
            #expect(try moment("2026-11-30" + text) == noon, "\(text)")
        }
        #expect(try moment("2026-11-30T10:00:00-01:00") == noon)
        for text in [
            "2026-11-30+12:00:00+01:00", "2026-11-30+12:00", "2026-11-30T12:00:00++01:00", "2026-11-30T12:00:00+01:00+",
            "2026-11-30T12:00:00+0100", "+2026-11-30T12:00:00Z", "2026-11-30T12:00:00+",
        ] {
            #expect(throws: FieldErrors.self, "\(text)") { try moment(text) }
        }
    }

    @Test("everything wrong is told at once")
    func bad() {
        #expect(
            pointers("limit=0&q=&sort=x&in_stock=1&foo=1&limit=2") == [
                "/query/limit comes twice", "/query/limit must be an integer from 1 to 100",
                "/query/q must have 1 to 10 characters",
                "/query/sort must be one of price, title", "/query/in_stock must be true or false",
                "/query/foo is not a known parameter",
            ])
        for limit in ["+1", "1.0", "abc", "99999999999999999999", "", "-1", "%00"] {
            #expect(pointers("limit=\(limit)").count == 1, "\(limit)")
        }
        for query in ["q=%", "q=%f", "q=%zz", "q=%ff", "%c3=1"] {
            #expect(pointers(query) == ["/query must be percent-encoded UTF-8"])
        }
        #expect(
            pointers((0...40).map { "a\($0)=1" }.joined(separator: "&")).first
                == "/query must have at most 32 parameters")
    }
}
