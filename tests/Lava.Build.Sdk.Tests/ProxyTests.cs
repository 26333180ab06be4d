using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lava.Build.Tests;

namespace Lava.Build.Sdk.Tests;

/// <summary>Downloads through proxies that the environment names; the host of the URL exists only for them.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class ProxyTests
{
    private const string Host = "archive.example.org";

    [TestMethod]
    // Whether it speaks SOCKS, the variable, its scheme, and the scheme of the URL.
    [DataRow(true, "http_proxy", "socks5", "http")]
    [DataRow(true, "all_proxy", "socks5h", "http")]
    [DataRow(true, "https_proxy", "socks5", "https")]
    [DataRow(false, "HTTPS_PROXY", "http", "https")]
    public async Task A_proxy_is_asked_by_name_for_what_is_behind_it(bool socks, string variable, string scheme, string of)
    {
        using TestProject project = new();
        byte[] archive = Pack(project);
        using X509Certificate2? certificate = of == "https" ? Certificate(project) : null;
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", archive), certificate);
        using LoopbackProxy proxy = new(socks, server.Port);
        Ask(project, of);
        project.SetVariable(variable, $"{scheme}://127.0.0.1:{proxy.Port}");
        (await project.BuildAsync("-p:LavaRetries=0")).Succeeds();
        await project.AssertRunsAsync("2.0");
        Assert.AreEqual($"{Host}:{(of == "https" ? 443 : 80)}", proxy.Asked.Distinct().Single());
    }

    [TestMethod]
    [DataRow("ftp://127.0.0.1:21", "'ftp://127.0.0.1:21/'")]
    [DataRow("socks6://127.0.0.1:1080", "'socks6://127.0.0.1:1080'")]
    [DataRow("http://", "which is not the URL of a proxy")]
    public async Task What_is_no_proxy_that_can_be_used_is_told(string value, string words)
    {
        using TestProject project = await Faults.BuiltAsync();
        Pack(project);
        Ask(project, "https");
        project.SetVariable("https_proxy", value);
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2032", "https_proxy", words.TrimEnd('/', '\''), "socks5://host:port");
    }

    [TestMethod]
    [DataRow("407 Proxy Authentication Required", "407")]
    [DataRow("403 Forbidden", "403")]
    public async Task A_proxy_that_refuses_is_told_with_its_status(string status, string words)
    {
        using TestProject project = await Faults.BuiltAsync();
        Pack(project);
        using LoopbackProxy proxy = new(false, 1, status);
        Ask(project, "https");
        project.SetVariable("https_proxy", $"http://127.0.0.1:{proxy.Port}");
        await project.AssertFaultAsync(await project.BuildAsync("-p:LavaRetries=0"), "LAVA2022", "'alpha'", $"https://{Host}/", words, "proxy variables");
    }

    private static void Ask(TestProject project, string scheme) => project.Describe(TestProject.Items(
        $"""<LavaComponent Include="alpha" Source="archive" Version="2.0" Url="{scheme}://{Host}/alpha-2.0.tar.gz" />"""));

    private static byte[] Pack(TestProject project)
    {
        project.PackAlpha("2.0", "elsewhere");
        return File.ReadAllBytes(project["elsewhere", "archives", "alpha-2.0.tar.gz"]);
    }

    // The environment names it as the only authority, as an administrator would.
    private static X509Certificate2 Certificate(TestProject project)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={Host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        project.SetVariable("SSL_CERT_FILE", project.Write("authority.pem", certificate.ExportCertificatePem()));
        return certificate;
    }
}
