using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
[TestCategory("Slow")]
public sealed partial class PowerTests(TestContext context)
{
    private const string Instance = "main";

    [TestMethod]
    public async Task Nothing_is_visible_before_it_is_durable()
    {
        using FireProject fire = await FireProject.CreateAsync();
        fire.Describe(1);
        await TraceAsync(fire, "a first build");
        fire.Describe(2);
        await TraceAsync(fire, "a changed version");
        fire.Describe(1);
        await TraceAsync(fire, "a rollback");
        fire.DeleteInstance(Instance);
        await TraceAsync(fire, "a new instance");
    }

    [TestMethod]
    public async Task What_is_damaged_changes_places_with_something_durable()
    {
        using FireProject fire = await FireProject.CreateAsync();
        string code = Path.Combine(fire.InstanceOf(Instance), "code");
        fire.Describe(1);
        (await fire.Project.DotNetAsync(FireProject.BuildArguments(Instance))).Succeeds();
        DamageRelease(fire, code);
        await TraceExchangesAsync(fire, "a damaged release", 1, "LAVA4039");
        DamageManifest(fire, code);
        await TraceExchangesAsync(fire, "a manifest of the store gone", 1, "LAVA4040");
        // The cache's tree, whose file it is too, is unpacked again first.
        DamageContent(code);
        await TraceExchangesAsync(fire, "a damaged file of store and cache", 1, "LAVA4040", "--no-incremental");
    }

    [TestMethod]
    public async Task An_instance_on_another_disk_than_the_cache_is_made_durable_on_its_own()
    {
        using FireProject fire = await FireProject.CreateAsync();
        using MountSpace space = new(fire.Project);
        string disk = fire.Project["disk"];
        await space.MountAsync(disk, "size=64m");
        string code = Path.Combine(disk, Instance, "code");
        string[] more = [$"-p:LavaPrefix={disk}", "-p:LavaLinkMode=copy"];
        fire.Describe(1);
        await TraceAsync(fire, "a first build of copies", space, disk, more);
        fire.Describe(2);
        await TraceAsync(fire, "a changed version of copies", space, disk, more);
        DamageContent(space[code]);
        DamageRelease(fire, space[code]);
        (CommandResult result, DurabilityModel model) = await TraceAsync(fire, "damaged copies and release", space, disk, [.. more, "--no-incremental"]);
        result.Says("LAVA4039").Says("LAVA4040");
        Assert.AreEqual(2, model.Exchanges);
    }

    // A build without anything to do would not look.
    private static void DamageRelease(FireProject fire, string code)
    {
        File.Delete(Path.Combine(code, "current", "pyvenv.cfg"));
        File.AppendAllText(fire.Project.File, "<!-- touched -->");
    }

    private static void DamageManifest(FireProject fire, string code)
    {
        File.Delete(Path.Combine(StoreTree(code), ".lava-manifest"));
        File.AppendAllText(fire.Project.File, "<!-- touched -->");
    }

    private static void DamageContent(string code)
    {
        string file = Path.Combine(StoreTree(code), "share", "alpha", "1.txt");
        byte[] content = File.ReadAllBytes(file);
        content[0] ^= 1;
        UnixFileMode mode = File.GetUnixFileMode(file);
        File.SetUnixFileMode(file, mode | UnixFileMode.UserWrite);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, mode);
    }

    private static string StoreTree(string code) => Directory.GetDirectories(Path.Combine(code, ".store"), "alpha-*").Order(StringComparer.Ordinal).Last();

    private async Task TraceExchangesAsync(FireProject fire, string what, int exchanges, string code, params string[] more)
    {
        (CommandResult result, DurabilityModel model) = await TraceAsync(fire, what, null, null, more);
        result.Says(code);
        Assert.AreEqual(exchanges, model.Exchanges, what);
    }

    private async Task<(CommandResult Result, DurabilityModel Model)> TraceAsync(
        FireProject fire, string what, MountSpace? space = null, string? disk = null, params string[] more)
    {
        string trace = fire.Project["trace"];
        string current = Path.Combine(disk ?? fire.Project["instances"], Instance, "code", "current");
        string[] arguments = ["-f", "-y", "-s", "0", "-o", trace, "-e", StraceParser.Calls, "dotnet", .. FireProject.BuildArguments(Instance), .. more];
        CommandResult result = (await (space is null ? fire.Project.RunAsync("strace", arguments) : space.RunAsync("strace", arguments))).Succeeds();
        DurabilityModel model = new(
            path => path.StartsWith(fire.Project.Path + "/", StringComparison.Ordinal) && !IsOfMSBuild(fire, path) && path != trace,
            path => ScratchPattern().IsMatch(path),
            path => path == current,
            path => disk is not null && (path == disk || path.StartsWith(disk + "/", StringComparison.Ordinal)) ? disk : "/");
        IReadOnlyList<string> violations = model.Check(StraceParser.Parse(File.ReadLines(trace)));
        context.WriteLine(
            $"| {what} | {File.ReadLines(trace).Count()} calls | {model.Publications} became visible | {model.Exchanges} by exchange | {violations.Count} violations |");
        Assert.IsEmpty(violations, $"{what}:\n{string.Join('\n', violations)}");
        Assert.IsGreaterThan(0, model.Publications, what);
        return (result, model);
    }

    // What MSBuild keeps is compared with what is found, and made again where it is missing.
    private static bool IsOfMSBuild(FireProject fire, string path) => path.StartsWith(fire.Project["obj"], StringComparison.Ordinal);

    [GeneratedRegex(@"/\.staging-|\.[0-9a-f]{32}\.tmp$|/lava-build/(incoming|locks|state)(/|$)|/code/\.lock$|/main/tmp/")]
    private static partial Regex ScratchPattern();
}
