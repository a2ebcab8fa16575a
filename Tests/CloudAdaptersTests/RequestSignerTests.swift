import CloudAdapters
import CloudTesting
import EventSourcing
import Foundation
import Testing

@Suite("Signing a request", .timeLimit(.minutes(10))) struct RequestSignerTests {
    /// A request, and how botocore has signed it.
    private struct Case: Decodable {
        let service: String
        let region: String
        let method: String
        let host: String
        let path: String
        let query: [[String]]
        let headers: [[String]]
        let body: Data
        let id: String
        let secret: String
        let token: String?
        let seconds: Int64
        let signed: [String: String]

        var request: CloudRequest {
            get throws {
                CloudRequest(
                    try #require(CloudRequest.Method(rawValue: method)), path,
                    query: query.map { .init($0[0], $0[1]) }, headers: headers.map { .init($0[0], $0[1]) },
                    body: [UInt8](body))
            }
        }
    }

    @Test("gives what the vendor's own signer gives, for thousands of random requests")
    func agreesWithBotocore() async throws {
        let seed = Int.random(in: 0..<1_000_000)
        let count = 6_000
        let folder = try TestFolder()
        let program = try await PythonProgram.start("signatures.py", ["\(count)", "\(seed)"], in: folder.url)
        let status = try await program.exit()
        let complained = try program.complained
        #expect(status == 0, "\(complained)")
        let cases = try program.said.split(separator: "\n").map { line in
            try JSONDecoder().decode(Case.self, from: Data(line.utf8))
        }
        #expect(cases.count == count)
        for (number, drawn) in cases.enumerated() {
            let signer = RequestSigner(try #require(CloudService(rawValue: drawn.service)), region: drawn.region)
            let headers = signer.headers(
                for: try drawn.request, host: drawn.host,
                with: CloudCredentials(accessKeyID: drawn.id, secretKey: drawn.secret, sessionToken: drawn.token),
                at: Timestamp(milliseconds: drawn.seconds * 1_000))
            for (name, value) in drawn.signed {
                let ours = headers.last { $0.name == name }?.value
                try #require(ours == value, "seed \(seed), request \(number), \(name): \(drawn)")
            }
        }
    }

    @Test("shows its secret nowhere")
    func secrecy() {
        let credentials = CloudCredentials(accessKeyID: "AKID", secretKey: "hidden-key", sessionToken: "hidden-token")
        var text = ""
        dump(credentials, to: &text)
        #expect(!"\(text) \(credentials) \(String(reflecting: credentials))".contains("hidden"))
    }
}
