import Checkout
import Testing

@Suite("The URL of an endpoint") struct WebhookURLTests {
    @Test("is https, with a host that every parser reads alike")
    func taken() {
        #expect(WebhookURL.host(of: "https://hooks.example", allowsPlain: false) == "hooks.example")
        #expect(WebhookURL.host(of: "https://hooks.example:8443/in?a=b", allowsPlain: false) == "hooks.example")
        #expect(WebhookURL.host(of: "https://hooks.example?a=http://other", allowsPlain: false) == "hooks.example")
        #expect(WebhookURL.host(of: "http://hooks.example/", allowsPlain: true) == "hooks.example")
    }

    @Test("is refused otherwise", arguments: [
        "", "https://", "http://hooks.example/", "ftp://hooks.example/", "HTTPS://hooks.example/", "//hooks.example/",
        "https://user@hooks.example/", "https://hooks.example@127.0.0.1/", "https://hooks.example\\@127.0.0.1/",
        "https://hooks.example#@127.0.0.1/", "https://Hooks.example/", "https://hooks.example:0/",
        "https://hooks.example:65536/", "https://hooks.example:80:80/", "https://hooks.example:/", "https://[::1]/",
        "https://hooks.example/a b", "https://hooks.example/\r\nHost: x", "https://höoks.example/",
    ])
    func refused(url: String) {
        #expect(WebhookURL.host(of: url, allowsPlain: false) == nil)
    }
}
