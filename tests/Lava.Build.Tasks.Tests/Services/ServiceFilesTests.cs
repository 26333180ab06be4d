using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Services;

namespace Lava.Build.Tests.Services;

[TestClass]
public sealed class ServiceFilesTests
{
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);
    private static readonly Dictionary<string, string> Values = new() { ["Port"] = "8000" };

    [TestMethod]
    public void An_instance_in_which_nothing_runs_has_no_file_of_it() =>
        Assert.IsEmpty(ServiceFiles.For("i", new InstanceParts { User = "u", Address = "http://localhost/" }, Values));

    [TestMethod]
    public void What_is_written_is_read_again_in_the_order_of_starting()
    {
        using TemporaryDirectory release = new();
        ServiceDescription web = new()
        {
            Name = "web",
            Command = "serve",
            Arguments = ["--port", "@{Port}", "a;b"],
            After = ["database"],
            Environment = new Dictionary<string, string> { ["ROOT"] = "@{InstanceRoot}/var" },
            Restart = RestartPolicy.Always,
            KillMode = KillMode.Process,
            Health = new HealthCheck { Http = "http://127.0.0.1:@{Port}/", Status = 204 },
            Listens = ["127.0.0.1:@{Port}", "run/web.sock"],
        };
        InstanceParts parts = Parts(web, web with { Name = "database", After = [] }) with { Address = "http://localhost:@{Port}/", User = "somebody" };
        GeneratedFile file = ServiceFiles.For("lab", parts, Values).Single(generated => generated.Path == ServicesFile.Path);
        string path = Path.Combine(release.Path, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, file.Content);

        InstanceServices read = ServicesFile.ReadIfAny(release.Path);
        Assert.AreEqual("lab somebody http://localhost:8000/", $"{read.Instance} {read.User} {read.Address}");
        Assert.AreEqual("database web", string.Join(' ', read.Services.Select(service => service.Name)));
        ServiceDescription service = read.Services[1];
        Assert.AreEqual("--port|8000|a;b", string.Join('|', service.Arguments));
        Assert.AreEqual("@{InstanceRoot}/var", service.Environment["ROOT"]);
        Assert.AreEqual(RestartPolicy.Always, service.Restart);
        Assert.AreEqual(KillMode.Process, service.KillMode);
        Assert.AreEqual("http://127.0.0.1:8000/ 204", $"{service.Health!.Http} {service.Health.Status}");
        Assert.AreEqual("127.0.0.1:8000|run/web.sock", string.Join('|', service.Listens));
        Assert.AreEqual("/i/var", new RunHoles("/i", "/i/code/r").Fill(service.Environment["ROOT"]));
    }

    [TestMethod]
    [DataRow("@{Prt}/", "LAVA4020")]
    [DataRow("http://", "LAVA1076")]
    [DataRow("ftp://localhost/", "LAVA1076")]
    [DataRow("localhost:8000", "LAVA1076")]
    public void An_address_is_looked_at_once_it_is_filled(string url, string code)
    {
        ServiceDescription service = new() { Name = "web", Command = "serve", Health = new HealthCheck { Http = url } };
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => ServiceFiles.Describe("i", Parts(service), Values));
        Assert.AreEqual(code, failure.Problems[0].Code);
        Assert.AreEqual(Location, failure.Problems[0].Location);
    }

    [TestMethod]
    [DataRow("127.0.0.1:@{Port}", true)]
    [DataRow("[::1]:8000", true)]
    [DataRow("[::]:@{Port}", true)]
    [DataRow(":8000", true)]
    [DataRow("*:8000", true)]
    [DataRow("@{InstanceRoot}/run/web.sock", true)]
    [DataRow("::1:8000", false)]
    [DataRow("[localhost]:8000", false)]
    [DataRow("[127.0.0.1]:8000", false)]
    [DataRow("localhost", false)]
    [DataRow("localhost:+80", false)]
    [DataRow("run/web.sock", true)]
    [DataRow("8000", false)]
    [DataRow("localhost:0", false)]
    [DataRow("localhost:65536", false)]
    [DataRow("/run/web.sock", false)]
    [DataRow("run/../../web.sock", false)]
    public void A_place_is_a_port_of_a_host_or_a_path_in_the_instance(string place, bool good)
    {
        ServiceDescription service = new() { Name = "web", Command = "serve", Listens = [place] };
        if (good)
        {
            string listens = ServiceFiles.Describe("i", Parts(service), Values).Services[0].Listens.Single();
            ListenAddress address = ListenAddress.Parse(listens, new RunHoles("/i", "/i/code/r"));
            Assert.AreEqual(place.Contains('/', StringComparison.Ordinal) ? "/i/run/web.sock" : place.Replace("@{Port}", "8000", StringComparison.Ordinal), address.ToString());
        }
        else
        {
            LavaException failure = Assert.ThrowsExactly<LavaException>(() => ServiceFiles.Describe("i", Parts(service), Values));
            Assert.AreEqual("LAVA1076", failure.Problems.Single().Code);
        }
    }

    [TestMethod]
    [DataRow("var/@{Port}", "var/8000")]
    [DataRow("@{InstanceRoot}/var", null)]
    [DataRow("var/@{Release}", null)]
    [DataRow("var/@{Out}", null)]
    public void A_working_directory_has_its_holes_filled_and_stays_in_the_instance(string directory, string? filled)
    {
        ServiceDescription service = new() { Name = "web", Command = "serve", WorkingDirectory = directory };
        Dictionary<string, string> values = new(Values) { ["Out"] = "../../out", ["Port"] = "8000" };
        if (filled is not null)
        {
            Assert.AreEqual(filled, ServiceFiles.Describe("i", Parts(service), values).Services[0].WorkingDirectory);
            return;
        }

        Problem problem = Assert.ThrowsExactly<LavaException>(() => ServiceFiles.Describe("i", Parts(service), values)).Problems.Single();
        Assert.AreEqual("LAVA1007", problem.Code);
        Assert.AreEqual(Location, problem.Location);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("null")]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("""{"services": [{"name": "web", "command": "serve"}]}""")]
    public void A_damaged_file_says_what_to_do(string text)
    {
        using TemporaryDirectory release = new();
        string path = Path.Combine(release.Path, ServicesFile.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        Assert.AreEqual("LAVA5001", Assert.ThrowsExactly<LavaException>(() => ServicesFile.ReadIfAny(release.Path)).Problems.Single().Code);
    }

    [TestMethod]
    public void What_is_wrong_with_a_file_is_said_at_no_great_length()
    {
        using TemporaryDirectory release = new();
        string path = Path.Combine(release.Path, ServicesFile.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $$$"""{"Environment":{"{{{new string('x', 2000)}}}":1},"Services":[{"Environment":{"{{{new string('x', 2000)}}}":1}}]}""");
        Problem problem = Assert.ThrowsExactly<LavaException>(() => ServicesFile.ReadIfAny(release.Path)).Problems.Single();
        Assert.AreEqual("LAVA5001", problem.Code);
        Assert.IsLessThan(1000, problem.Text.Length);
    }

    [TestMethod]
    [DataRow("\"--port\"", "null")]
    [DataRow("\"run/web.sock\"", "null")]
    [DataRow("\"first\"", "null")]
    [DataRow("\"/var\"", "null")]
    [DataRow("\"yes\"", "null")]
    [DataRow("\"OnFailure\"", "7")]
    [DataRow("\"second\"", "\"first\"")]
    public void Whatever_part_of_the_file_is_damaged_it_says_what_to_do(string whole, string damaged)
    {
        ServiceDescription first = new() { Name = "first", Command = "serve" };
        InstanceServices services = new()
        {
            Services =
            [
                first,
                first with
                {
                    Name = "second",
                    Arguments = ["--port"],
                    After = ["first"],
                    Listens = ["run/web.sock"],
                    Environment = new Dictionary<string, string> { ["ROOT"] = "/var" },
                    Sandbox = new Dictionary<string, string> { ["PrivateTmp"] = "yes" },
                },
            ],
        };
        string text = ServicesFile.ToText(services);
        using TemporaryDirectory release = new();
        string path = Path.Combine(release.Path, ServicesFile.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        Assert.HasCount(2, ServicesFile.ReadIfAny(release.Path).Services);
        int at = text.LastIndexOf(whole, StringComparison.Ordinal);
        File.WriteAllText(path, text[..at] + damaged + text[(at + whole.Length)..]);
        Assert.AreEqual("LAVA5001", Assert.ThrowsExactly<LavaException>(() => ServicesFile.ReadIfAny(release.Path)).Problems.Single().Code);
    }

    [TestMethod]
    public void In_a_release_without_the_file_nothing_runs()
    {
        using TemporaryDirectory release = new();
        Assert.AreEqual(0, ServicesFile.ReadIfAny(release.Path).Services.Count);
    }

    private static InstanceParts Parts(params ServiceDescription[] services) =>
        new() { Services = [.. services.Select(service => new ServicePart(service, Location))] };
}
