using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;
using Lava.Build.Unpacking;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class DebSourceTests
{
    private static readonly DebSource Source = new();

    private static ComponentReference Deb(string name, string version, string? sha256 = null, string architecture = "") =>
        Reference("deb", name, version, sha256, ("Architecture", architecture));

    private static Task<IReadOnlyList<Pin>> ResolveAsync(SourceBench bench, params ComponentReference[] references) =>
        Source.ResolveAsync(references, bench.Context, CancellationToken.None);

    private static Task FetchAsync(SourceBench bench, params Pin[] pins) => Source.FetchAsync(
        [.. pins.Select(pin => new PinnedComponent(Deb(pin.Name, pin.Version), pin))], bench.Context, CancellationToken.None);

    private static SourceBench Bench(AptRepository repository) => new(("APT_CONFIG", repository.Configuration));

    private static string Codes(IEnumerable<Problem> problems) => string.Join(' ', problems.Select(problem => problem.Code));

    [TestMethod]
    public async Task Packages_are_pinned_to_what_apts_lists_say()
    {
        using AptRepository repository = new();
        byte[] alpha = await repository.AddAsync("alpha", "3:1.0-1+deb12u1");
        await repository.AddAsync("alpha", "3:2.0-1");
        byte[] beta = await repository.AddAsync("g++", "1~rc1", HostArchitecture());
        using SourceBench bench = Bench(repository);
        IReadOnlyList<Pin> pins = await ResolveAsync(bench, Deb("g++", "1~rc1"), Deb("alpha", "3:1.0-1+deb12u1"));
        Pin[] expected =
        [
            new()
            {
                Name = "g++",
                Source = "deb",
                Version = "1~rc1",
                Architecture = HostArchitecture(),
                File = $"g++_1~rc1_{HostArchitecture()}.deb",
                Size = beta.Length,
                Sha256 = Digest(beta),
            },
            new()
            {
                Name = "alpha",
                Source = "deb",
                Version = "3:1.0-1+deb12u1",
                Architecture = "all",
                File = "alpha_3%3a1.0-1+deb12u1_all.deb",
                Size = alpha.Length,
                Sha256 = Digest(alpha),
            },
        ];
        CollectionAssert.AreEqual(expected, pins.ToArray());
    }

    [TestMethod]
    [DataRow("copy:{0}")]
    [DataRow("file:{0}")]
    [DataRow("http")]
    public async Task Pinned_packages_are_fetched(string uri)
    {
        using AptRepository repository = new();
        using LoopbackServer server = new(repository.ServeAsync);
        repository.Use(uri == "http" ? server.Url("") : uri.Replace("{0}", repository.Root, StringComparison.Ordinal));
        await repository.AddAsync("alpha", "3:1.0-1");
        await repository.AddAsync("beta", "2");
        using SourceBench bench = Bench(repository);
        Pin[] pins = [.. await ResolveAsync(bench, Deb("alpha", "3:1.0-1"), Deb("beta", "2"))];
        await FetchAsync(bench, pins);
        CollectionAssert.AreEqual(pins.Select(pin => pin.Sha256).Order().ToArray(), bench.Cached());
        Assert.IsEmpty(bench.Leftovers());
        CollectionAssert.AreEqual(
            repository["alpha_1.0-1_all.deb"], await File.ReadAllBytesAsync(bench.Archives.PathOf(pins[0].Sha256!)));
    }

    [TestMethod]
    public async Task The_hosts_hooks_and_state_are_left_alone()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        await FetchAsync(bench, [.. await ResolveAsync(bench, Deb("alpha", "1"))]);
        Assert.IsFalse(File.Exists(repository.At("hook")));
    }

    [TestMethod]
    public async Task A_password_in_the_hosts_sources_is_used_but_never_shown()
    {
        using AptRepository repository = new();
        using LoopbackServer server = new(exchange =>
            exchange["Authorization"] is null ? exchange.ReplyAsync("401 Unauthorized", []) : repository.ServeAsync(exchange));
        repository.Use($"http://me:secret@127.0.0.1:{server.Port}");
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        Pin[] pins = [.. await ResolveAsync(bench, Deb("alpha", "1"))];
        await FetchAsync(bench, pins);
        Assert.HasCount(1, bench.Cached());
        File.Delete(bench.Archives.PathOf(pins[0].Sha256!));
        File.Delete(Path.Combine(repository.Root, "alpha_1_all.deb"));
        Problem problem = await ProblemOfAsync(() => FetchAsync(bench, pins));
        Assert.AreEqual("LAVA2015", problem.Code);
        Assert.Contains("404", problem.Text);
        Assert.DoesNotContain("secret", problem.Text + string.Join('\n', bench.Log.Lines));
    }

    [TestMethod]
    public async Task All_that_cannot_be_found_is_told_at_once()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1.0");
        await repository.AddAsync("alpha", "1.1");
        await repository.AddAsync("beta", "2");
        using SourceBench bench = Bench(repository);
        IReadOnlyList<Problem> problems = await ProblemsOfAsync(() =>
            ResolveAsync(bench, Deb("alpha", "9"), Deb("beta", "2"), Deb("al.ha", "1.0"), Deb("nosuch", "1")));
        Assert.AreEqual("LAVA2011 LAVA2010 LAVA2010", Codes(problems));
        Assert.Contains("1.1, 1.0", problems[0].Text);
        Assert.AreEqual(new SourceLocation("instance.proj", 3, 4), problems[0].Location);
    }

    [TestMethod]
    public async Task A_package_is_not_replaced_by_one_that_provides_it()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1\nProvides: beta (= 1)");
        using SourceBench bench = Bench(repository);
        Assert.AreEqual("LAVA2010", (await ProblemOfAsync(() => ResolveAsync(bench, Deb("beta", "1")))).Code);
    }

    [TestMethod]
    public async Task Lists_are_renewed_once_when_a_version_is_not_found()
    {
        using AptRepository repository = new();
        using LoopbackServer server = new(repository.ServeAsync);
        repository.Use(server.Url(""));
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        await ResolveAsync(bench, Deb("alpha", "1"));
        int first = server.Exchanges.Count;
        await ResolveAsync(bench, Deb("alpha", "1"));
        Assert.HasCount(first, server.Exchanges);
        await repository.AddAsync("alpha", "2");
        await ResolveAsync(bench, Deb("alpha", "2"));
        int second = server.Exchanges.Count;
        Assert.IsGreaterThan(first, second);
        bench.Context = bench.Context with { Refresh = true };
        await ResolveAsync(bench, Deb("alpha", "2"));
        Assert.IsGreaterThan(second, server.Exchanges.Count);
    }

    [TestMethod]
    public async Task Offline_lists_are_read_but_nothing_is_fetched()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        SourceContext online = bench.Context;
        bench.Context = online with { Offline = true };
        Assert.AreEqual("LAVA2016", (await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1")))).Code);
        bench.Context = online;
        await ResolveAsync(bench, Deb("alpha", "1"));
        await repository.AddAsync("alpha", "2");
        bench.Context = online with { Offline = true, Refresh = true };
        Pin[] pins = [.. await ResolveAsync(bench, Deb("alpha", "1"))];
        Assert.AreEqual("LAVA2011", (await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "2")))).Code);
        Assert.AreEqual("LAVA2017", (await ProblemOfAsync(() => FetchAsync(bench, pins))).Code);
    }

    [TestMethod]
    public async Task Without_a_network_apts_own_words_are_told()
    {
        using AptRepository repository = new();
        int port;
        using (LoopbackServer gone = new(exchange => exchange.StallAsync()))
        {
            port = gone.Port;
        }

        repository.Use($"http://me:secret@127.0.0.1:{port}");
        using SourceBench bench = Bench(repository);
        bench.Context = bench.Context with { Retries = 0 };
        IReadOnlyList<Problem> problems = await ProblemsOfAsync(() => ResolveAsync(bench, Deb("alpha", "1"), Deb("beta", "1")));
        Assert.AreEqual("LAVA2012", Codes(problems));
        Assert.StartsWith("Components 'alpha', 'beta': ", problems[0].Text);
        Assert.Contains("Connection refused", problems[0].Text);
        Assert.DoesNotContain("secret", problems[0].Text);
    }

    [TestMethod]
    public async Task A_refresh_that_fails_is_an_error_though_old_lists_would_do()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        await ResolveAsync(bench, Deb("alpha", "1"));
        repository.Clear();
        bench.Context = bench.Context with { Refresh = true, Retries = 0 };
        Assert.AreEqual("LAVA2012", (await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1")))).Code);
    }

    [TestMethod]
    public async Task A_hash_of_the_project_that_differs_from_apts_is_an_error()
    {
        using AptRepository repository = new();
        byte[] alpha = await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        Assert.HasCount(1, await ResolveAsync(bench, Deb("alpha", "1", Digest(alpha))));
        Problem problem = await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1", new string('0', 64))));
        Assert.AreEqual("LAVA2001", problem.Code);
        Assert.Contains(Digest(alpha), problem.Text);
        Assert.Contains(new string('0', 64), problem.Text);
    }

    [TestMethod]
    public async Task Another_content_under_the_same_version_is_an_error()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        Pin pin = (await ResolveAsync(bench, Deb("alpha", "1")))[0];
        repository.Clear();
        byte[] changed = await repository.AddAsync("alpha", "1", content: "changed");
        bench.Context = bench.Context with { Refresh = true };
        await ResolveAsync(bench, Deb("alpha", "1"));
        Problem problem = await ProblemOfAsync(() => FetchAsync(bench, pin));
        Assert.AreEqual("LAVA2001", problem.Code);
        Assert.Contains(pin.Sha256!, problem.Text);
        Assert.Contains(Digest(changed), problem.Text);
        Assert.IsEmpty(bench.Cached());
    }

    [TestMethod]
    public async Task Another_size_than_the_pins_is_an_error()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        Pin pin = (await ResolveAsync(bench, Deb("alpha", "1")))[0];
        Assert.AreEqual("LAVA2030", (await ProblemOfAsync(() => FetchAsync(bench, pin with { Size = 1 }))).Code);
    }

    [TestMethod]
    public async Task What_can_be_had_is_kept_when_another_package_cannot()
    {
        using AptRepository repository = new();
        using LoopbackServer server = new(repository.ServeAsync);
        repository.Use(server.Url(""));
        foreach (string name in (string[])["alpha", "beta", "gamma"])
        {
            await repository.AddAsync(name, "1");
        }

        using SourceBench bench = Bench(repository);
        Pin[] pins = [.. await ResolveAsync(bench, Deb("alpha", "1"), Deb("beta", "1"), Deb("gamma", "1"))];
        File.Delete(Path.Combine(repository.Root, "alpha_1_all.deb"));
        await File.AppendAllTextAsync(Path.Combine(repository.Root, "gamma_1_all.deb"), "more");
        IReadOnlyList<Problem> problems = await ProblemsOfAsync(() => FetchAsync(bench, pins));
        Assert.AreEqual("LAVA2015 LAVA2015", Codes(problems));
        Assert.Contains("'alpha'", problems[0].Text);
        Assert.Contains("404", problems[0].Text);
        Assert.DoesNotContain("gamma", problems[0].Text);
        Assert.Contains("unexpected size", problems[1].Text);
        CollectionAssert.AreEqual((string[])[pins[1].Sha256!], bench.Cached());
        Assert.IsEmpty(bench.Leftovers());
    }

    [TestMethod]
    [DataRow("SHA512", "LAVA2013")]
    [DataRow("MD5sum", "LAVA2013")]
    [DataRow("SHA512 SHA256 MD5sum", "")]
    public async Task An_index_must_have_a_sha256(string hashes, string code)
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1", hashes: hashes);
        using SourceBench bench = Bench(repository);
        if (code.Length > 0)
        {
            Assert.AreEqual(code, (await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1")))).Code);
        }
        else
        {
            Assert.AreEqual(Digest(repository["alpha_1_all.deb"]), (await ResolveAsync(bench, Deb("alpha", "1")))[0].Sha256);
        }
    }

    [TestMethod]
    public async Task Another_architecture_can_be_deployed_for()
    {
        using AptRepository repository = new();
        byte[] arm = await repository.AddAsync("alpha", "1", "arm64", "arm");
        byte[] amd = await repository.AddAsync("alpha", "1", "amd64", "amd");
        await repository.AddAsync("beta", "1");
        using SourceBench bench = Bench(repository);
        bench.Context = bench.Context with { Architecture = "arm64" };
        IReadOnlyList<Pin> pins = await ResolveAsync(bench, Deb("alpha", "1"), Deb("beta", "1"));
        Assert.AreEqual(("arm64", Digest(arm), "all"), (pins[0].Architecture!, pins[0].Sha256!, pins[1].Architecture!));
        await FetchAsync(bench, [.. pins]);
        Assert.HasCount(2, bench.Cached());
        Pin own = (await ResolveAsync(bench, Deb("alpha", "1", architecture: "amd64")))[0];
        Assert.AreEqual(("amd64", Digest(amd)), (own.Architecture!, own.Sha256!));
        Problem problem = await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1", architecture: "all")));
        Assert.AreEqual("LAVA2018", problem.Code);
    }

    [TestMethod]
    public async Task Restores_at_the_same_time_share_the_state()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        await repository.AddAsync("beta", "1");
        using SourceBench bench = Bench(repository);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            await FetchAsync(bench, [.. await ResolveAsync(bench, Deb("alpha", "1"), Deb("beta", "1"))])));
        Assert.HasCount(2, bench.Cached());
    }

    [TestMethod]
    public async Task What_apt_was_writing_when_it_was_killed_is_deleted()
    {
        using AptRepository repository = new();
        await repository.AddAsync("alpha", "1");
        using SourceBench bench = Bench(repository);
        await ResolveAsync(bench, Deb("alpha", "1"));
        string cache = Path.Combine(bench.Context.StateDirectory, "host", "cache");
        string[] before = Directory.GetFiles(cache);
        foreach (string left in (string[])["pkgcache.bin.a1B2c3", "srcpkgcache.bin.XXXXXX"])
        {
            await File.WriteAllTextAsync(Path.Combine(cache, left), "half");
        }

        await ResolveAsync(bench, Deb("alpha", "1"));
        CollectionAssert.AreEquivalent(before, Directory.GetFiles(cache));
    }

    [TestMethod]
    public async Task Without_apt_the_missing_program_is_named()
    {
        using SourceBench bench = new(("PATH", "/nonexistent"));
        Problem problem = await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1")));
        Assert.AreEqual("LAVA9001", problem.Code);
        Assert.Contains("apt-get", problem.Text);
    }

    [TestMethod]
    public async Task A_malformed_list_of_sources_is_told_in_apts_words()
    {
        using AptRepository repository = new();
        await File.WriteAllTextAsync(repository.At("sources.list"), "deb nonsense\n");
        using SourceBench bench = Bench(repository);
        Problem problem = await ProblemOfAsync(() => ResolveAsync(bench, Deb("alpha", "1")));
        Assert.AreEqual("LAVA2012", problem.Code);
        Assert.Contains("Malformed entry", problem.Text);
    }

    [TestMethod]
    [DataRow("alpha", "3:3.2.25-0+deb12u3", "", "")]
    [DataRow("g++", "1~rc1", "amd64", "")]
    [DataRow("0ad", "0", "kfreebsd-amd64", "")]
    [DataRow("alpha", "", "", "")]
    [DataRow("alpha", "1:2:3-4-5", "", "")]
    [DataRow("-o", "1", "", "LAVA1021")]
    [DataRow("a", "1", "", "LAVA1021")]
    [DataRow("Alpha", "1", "", "LAVA1021")]
    [DataRow("al_pha", "1", "", "LAVA1021")]
    [DataRow("alpha\n", "1", "", "LAVA1021")]
    [DataRow("alpha*", "1", "", "LAVA1021")]
    [DataRow("alpha", "v1", "", "LAVA1022")]
    [DataRow("alpha", "1*", "", "LAVA1022")]
    [DataRow("alpha", "1 2", "", "LAVA1022")]
    [DataRow("alpha", "1:", "", "LAVA1022")]
    [DataRow("alpha", "a:1", "", "LAVA1022")]
    [DataRow("alpha", "1-", "", "LAVA1022")]
    [DataRow("alpha", "1/2", "", "LAVA1022")]
    [DataRow("alpha", "1\n", "", "LAVA1022")]
    [DataRow("alpha", "1", "-o", "LAVA1023")]
    [DataRow("alpha", "1", "x86_64", "LAVA1023")]
    [DataRow("-a", "-b", "-c", "LAVA1021 LAVA1022 LAVA1023")]
    public void Names_and_versions_are_checked_against_policy(string name, string version, string architecture, string codes) =>
        Assert.AreEqual(codes, Codes(Source.Check(Deb(name, version, architecture: architecture), "/")));

    [TestMethod]
    public void Its_archives_are_unpacked_as_debian_packages() => Assert.AreEqual(
        new TreeRecipe(ArchiveFormat.Deb), Source.Recipe(new PinnedComponent(Deb("alpha", "1"), new Pin { Name = "alpha", Source = "deb" })));

    private static string HostArchitecture() =>
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
}
