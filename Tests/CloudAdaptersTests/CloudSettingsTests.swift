import AsyncHTTPClient
import CloudTesting
import Foundation
import Testing

@testable import CloudAdapters

@Suite("The settings of a cloud") struct CloudSettingsTests {
    private let keys = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "HOME": "/nowhere"]

    @Test("name the service's own address in a region, unless they name another")
    func endpoints() throws {
        func origin(_ service: CloudService, _ more: [String: String]) throws -> String {
            try CloudSettings(service, environment: keys.merging(more) { $1 }).endpoint.origin
        }
        #expect(try origin(.s3, ["AWS_REGION": "eu-west-1"]) == "https://s3.eu-west-1.amazonaws.com")
        let china = "https://events.cn-north-1.amazonaws.com.cn"
        #expect(try origin(.events, ["AWS_DEFAULT_REGION": "cn-north-1"]) == china)
        let own = ["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://Localhost:80/"]
        #expect(try origin(.s3, own) == "http://localhost")
        #expect(try origin(.s3, own.merging(["AWS_ENDPOINT_URL_S3": "https://h:9000"]) { $1 }) == "https://h:9000")
        #expect(throws: CloudFailure.noRegion) { try origin(.s3, [:]) }
        #expect(throws: CloudFailure.noRegion) { try origin(.s3, ["AWS_REGION": "a.example/"]) }
        for address in ["ftp://h", "http://u:p@h", "http://h/path", "http://h?q", "h:80", ""] {
            #expect(throws: CloudFailure.invalidEndpoint, "\(address)") { try CloudEndpoint(address) }
        }
    }

    @Test("read a profile as the vendor's own tools do")
    func profiles() async throws {
        let folder = try TestFolder()
        let credentials =
            "[default]\naws_access_key_id=d\naws_secret_access_key = e=\n[other]\naws_access_key_id = o\n\n"
        try Data(credentials.utf8).write(to: folder.url.appending(path: "credentials"))
        try Data("# all\n[profile other]\nregion = eu-north-1\n[default]\nregion=us-west-2\n".utf8)
            .write(to: folder.url.appending(path: "config"))
        let files = [
            "AWS_SHARED_CREDENTIALS_FILE": folder.file("credentials"), "AWS_CONFIG_FILE": folder.file("config"),
        ]
        let standard = CredentialProfile(environment: files)
        #expect(try standard.region() == "us-west-2")
        let found = try standard.credentials(over: .shared)
        #expect(found == CloudCredentials(accessKeyID: "d", secretKey: "e="))
        let other = CredentialProfile(environment: files.merging(["AWS_PROFILE": "other"]) { $1 })
        #expect(try other.region() == "eu-north-1")
        #expect(throws: CloudFailure.self) { try other.credentials(over: .shared) }
        #expect(try CredentialProfile(environment: [:]).credentials(over: .shared) == nil)
    }

    @Test("send a container's token to no other host in the clear")
    func containers() async throws {
        let addresses = [
            "http://evil.example/", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", "http://a@127.0.0.1/",
        ]
        for address in addresses {
            let source = ContainerCredentials(environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": address])
            await #expect(throws: CloudFailure.self, "\(address)") { try await source.credentials(over: .shared) }
        }
    }

    @Test("take an object's name apart", arguments: [
        ("s3://bucket/a/b", "bucket", "a/b"), ("s3://b.c-d/ ", "b.c-d", " "),
    ])
    func locations(text: String, bucket: String, key: String) throws {
        let location = try #require(S3Location(text))
        #expect(location.bucket == bucket && location.key == key && location.description == text)
    }

    @Test("take nothing else for an object's name", arguments: [
        "s3://bucket", "s3://bucket/", "s3:///key", "s3://B/k", "bucket/key", "s3://bu/key", "s3://a_b/k",
        "s3://bucket/" + String(repeating: "k", count: 1_025),
    ])
    func noLocations(text: String) { #expect(S3Location(text) == nil) }

    @Test("read the little XML that there is")
    func xml() {
        let text = "<A xmlns='x'><Key>a&amp;&#x41;&#66;&bogus;&</Key><KeyCount>2</KeyCount><Key/><Key>&lt;</Key></A>"
        #expect(XMLText.elements("Key", in: text[...]).map(XMLText.unescaped) == ["a&AB&bogus;&", "", "<"])
        #expect(XMLText.first("KeyCount", in: text) == "2" && XMLText.first("Absent", in: text) == nil)
        #expect(XMLText.first("Open", in: "<Open>never closed") == nil)
        #expect(XMLText.unescaped(XMLText.escaped("<&>\"")[...]) == "<&>\"")
    }
}
