import ActorSystem
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import Gateway

@Suite("Problem documents")
struct ProblemTests {
    @Test("every code has a status that is an error, a title of its own and a stable spelling")
    func table() {
        #expect(Set(ProblemCode.allCases.map(\.title)).count == ProblemCode.allCases.count)
        #expect(Set(ProblemCode.allCases.map(\.type)).count == ProblemCode.allCases.count)
        for code in ProblemCode.allCases {
            #expect((400..<600).contains(code.status.code), "\(code)")
            #expect(code.title.hasSuffix("."))
            #expect(code.rawValue.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
        }
    }

    @Test("the document has the members of RFC 9457, the code, the errors and its own members")
    func document() throws {
        let problem = Problem(
            .insufficientStock, "2 of \"A\" are left.", errors: [FieldError(pointer: "/items/0", detail: "too many")],
            members: { $0.array("skus") { $0.value("A") } })
        let bytes = problem.document(requestID: "r1")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"type":"/problems/insufficient_stock","title":"There is too little stock.","status":409,"#
                + #""code":"insufficient_stock","detail":"2 of \"A\" are left.","instance":"urn:request:r1","#
                + #""errors":[{"pointer":"/items/0","detail":"too many"}],"skus":["A"]}"#
        )
        let response = problem.response(requestID: nil)
        #expect(response.status == .conflict)
        #expect(response.headers[.contentType] == "application/problem+json")
    }

    @Test("a body that is not what is asked for at all is called the body")
    func body() {
        let errors = FieldErrors([FieldError(pointer: "", detail: "must be an object")])
        #expect(errors.problem.detail == "The body must be an object.")
    }

    @Test("errors of ours and of the server become problems; others are nobody's business")
    func mapping() {
        struct Secret: Error {}
        #expect(Problem(Problem(.forbidden))?.code == .forbidden)
        #expect(Problem(JSONError(reason: .tooDeep, offset: 3))?.code == .malformedJSON)
        #expect(Problem(FieldErrors([FieldError(pointer: "/a", detail: "is missing")]))?.detail == "/a is missing.")
        #expect(Problem(NIOTooManyBytesError(maxBytes: 1))?.code == .bodyTooLarge)
        #expect(Problem(HTTPError(.notFound))?.code == .notFound)
        #expect(Problem(HTTPError(.methodNotAllowed))?.code == .methodNotAllowed)
        #expect(Problem(HTTPError(.badRequest, message: "secret"))?.detail == nil)
        #expect(Problem(HTTPError(.internalServerError))?.code == nil)
        #expect(Problem(Secret()) == nil)
        for status in 400..<500 {
            let problem = Problem(HTTPError(.init(code: status)))
            #expect(problem != nil)
        }
    }

    @Test("a full disk is told as itself, and the same request is to be sent again")
    func fullDisk() throws {
        let problem = try #require(Problem(ExecutionFailure.refused(.storageFull)))
        #expect(problem.code.rawValue == "storage_full" && problem.code.title.contains("disk"))
        #expect(problem.code.status == .serviceUnavailable && problem.headers[.retryAfter] != nil)
        #expect(Problem(ExecutionFailure.refused(.full))?.code == .overloaded)
    }

    @Test("a refused token is told in WWW-Authenticate, and Retry-After rounds up")
    func headers() {
        #expect(
            Problem(.expiredToken).response(requestID: nil).headers[.wwwAuthenticate]?.contains("invalid_token") == true
        )
        #expect(
            Problem(.authenticationRequired).response(requestID: nil).headers[.wwwAuthenticate]?.contains("error")
                == false)
        #expect(Problem(.overloaded).retry(after: .milliseconds(1)).headers[.retryAfter] == "1")
        #expect(Problem(.overloaded).retry(after: .milliseconds(2_001)).headers[.retryAfter] == "3")
        #expect(Problem(.overloaded).retry(after: .zero).headers[.retryAfter] == "1")
    }
}
