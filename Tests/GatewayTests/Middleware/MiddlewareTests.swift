import HTTPTypes
import Hummingbird
import NIOCore
import Steps
import Testing

@testable import Gateway

@Suite("Conditions, traces, ids and addresses")
struct MiddlewareTests {
    static let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("a traceparent is read and told as it was, and a child keeps the trace")
    func trace() throws {
        let trace = try #require(TraceContext(Self.traceparent))
        #expect(trace.description == Self.traceparent)
        #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(trace.child().traceID == trace.traceID && trace.child().span != trace.span)
        let child = trace.child()
        #expect(TraceContext(child.description) == child)
        #expect(TraceContext("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later") == trace)
    }

    @Test(
        "what is no traceparent is ignored",
        arguments: [
            "", "00", traceparent + "-x", traceparent.uppercased(), "ff" + traceparent.dropFirst(2),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", String(repeating: "0", count: 55),
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
        ])
    func badTrace(text: String) { #expect(TraceContext(text) == nil) }

    @Test("ids of ours are distinct and acceptable; harmful ones of clients are not")
    func requestID() {
        let ids = (0..<1_000).map { _ in RequestID.next() }
        #expect(Set(ids).count == 1_000)
        #expect(ids.allSatisfy(RequestID.isAcceptable))
        for bad in ["", "a b", "a\"b", "a\nb", "é", String(repeating: "a", count: 129), "a;b", "<a>"] {
            #expect(!RequestID.isAcceptable(bad))
        }
        #expect(RequestID.isAcceptable("9f0d1c2e-1111-4c7b.A_z"))
    }

    @Test(
        "If-None-Match compares weakly, If-Match strongly, lists and the star count",
        arguments: [
            (#""7""#, true, true), (#"W/"7""#, true, false), (#""6", "7""#, true, true), (#""6",W/"7""#, true, false),
            ("*", true, true), (#""77""#, false, false), ("7", false, false), ("", false, false),
            (#""7"#, false, false), (#""a,b","7""#, true, true), (#""6", *"#, false, false),
        ])
    func conditions(condition: String, isNotModified: Bool, matches: Bool) {
        let tag = EntityTag(version: 7)
        var response = Response(status: .ok, headers: [.eTag: tag.text])
        #expect(throws: Never.self) { try Preconditions(ifNoneMatch: condition).apply(to: &response) }
        #expect((response.status == .notModified) == isNotModified)
        #expect(((try? Preconditions(ifMatch: condition).check(.tagged(tag))) != nil) == matches)
        #expect(((try? Preconditions(ifNoneMatch: condition).check(.tagged(tag))) == nil) == isNotModified)
    }

    @Test("a stale If-Match is 412 with the current tag; a star asks only that something is there")
    func preconditions() {
        #expect { try Preconditions(ifMatch: #""6""#).check(.tagged(EntityTag(version: 7))) } throws: {
            ($0 as? Problem)?.code == .versionMismatch && ($0 as? Problem)?.headers[.eTag] == #""7""#
        }
        #expect(throws: Problem.self) { try Preconditions(ifMatch: "*").check(.nothing) }
        #expect(throws: Never.self) { try Preconditions(ifMatch: "*").check(.untagged) }
        #expect(throws: Problem.self) { try Preconditions(ifMatch: #""6""#).check(.untagged) }
        #expect(throws: Never.self) { try Preconditions(ifNoneMatch: "*").check(.nothing) }
        #expect(throws: Problem.self) { try Preconditions(ifNoneMatch: "*").check(.untagged) }
        #expect(throws: Never.self) { try Preconditions(ifNoneMatch: #""6""#).check(.untagged) }
        #expect(throws: Never.self) { try Preconditions(ifMatch: #""ab-1""#).check(.revision("ab")) }
        #expect(throws: Problem.self) { try Preconditions(ifMatch: #"W/"ab-1""#).check(.revision("ab")) }
        #expect(throws: Problem.self) { try Preconditions(ifNoneMatch: #"W/"ab-1""#).check(.revision("ab")) }
        #expect(throws: Never.self) { try Preconditions().check(.nothing) }
    }

    @Test("clients are told apart by IPv4 address and by IPv6 network")
    func addresses() throws {
        func client(_ text: String) throws -> ClientAddress {
            ClientAddress(try SocketAddress(ipAddress: text, port: 1))
        }
        #expect(try client("10.0.0.1") == client("10.0.0.1"))
        #expect(try client("10.0.0.1") != client("10.0.0.2"))
        #expect(try client("2001:db8:1:2::1") == client("2001:db8:1:2:ffff::9"))
        #expect(try client("2001:db8:1:2::1") != client("2001:db8:1:3::1"))
        #expect(try client("::ffff:10.0.0.1") == client("10.0.0.1"))
        #expect(try client("::ffff:10.0.0.1") != client("::ffff:10.0.0.2"))
    }

    @Test("only application/json in UTF-8 is JSON")
    func mediaTypes() {
        func refusal(_ type: String) -> Problem? {
            let head = HTTPRequest(
                method: .post, scheme: nil, authority: nil, path: "/", headerFields: [.contentType: type])
            do throws(Problem) {
                try Request(head: head, body: RequestBody(buffer: ByteBuffer())).requireJSON()
                return nil
            } catch {
                return error
            }
        }
        for type in [
            "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json; charset=utf8",
            "application/json;charset=\"UTF-8\"", "application/json; v=1",
        ] {
            #expect(refusal(type)?.code == nil, "\(type)")
        }
        for type in [
            "", "text/plain", "application/jsonp", "application/json; charset=latin1",
            "application/x-www-form-urlencoded", "application/problem+json",
        ] {
            #expect(refusal(type)?.code == .unsupportedMediaType, "\(type)")
        }
    }

    @Test("a bearer token is found in any case of the scheme, and two fields are ambiguous")
    func bearer() {
        #expect(RequestFields([.authorization: "bearer abc"]).bearerToken == "abc")
        #expect(RequestFields([.authorization: "Basic abc"]).bearerToken == nil)
        #expect(RequestFields([.authorization: "Bearer"]).bearerToken == "")
        var fields: HTTPFields = [.authorization: "Bearer a"]
        fields.append(HTTPField(name: .authorization, value: "Bearer b"))
        #expect(RequestFields(fields).isAmbiguous)
    }
}
