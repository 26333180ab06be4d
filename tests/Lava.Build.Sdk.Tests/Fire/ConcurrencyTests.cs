namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
[TestCategory("Slow")]
public sealed class ConcurrencyTests(TestContext context)
{
    private const int AtOnce = 20;

    [TestMethod]
    public async Task Twenty_builds_of_one_instance_at_once_make_one_release()
    {
        using FireProject fire = await FireProject.CreateAsync();
        fire.Describe(1);
        string instance = fire.InstanceOf("main");
        CommandResult[] results = await Task.WhenAll(
            Enumerable.Range(0, AtOnce).Select(_ => fire.Project.DotNetAsync(FireProject.BuildArguments("main"))));
        string release = InstanceCheck.Current(instance)!;
        foreach (CommandResult result in results)
        {
            result.Succeeds().DoesNotSay("warning").Says($"instance -> {instance}/code/{release}\n");
        }

        int waited = results.Count(result => result.Output.Contains("Waiting for", StringComparison.Ordinal));
        context.WriteLine($"{waited} of {AtOnce} waited, saying for whom");
        Assert.IsGreaterThan(0, waited, "They ran one after the other, so this has shown nothing.");
        CollectionAssert.AreEqual(new[] { release }, TestProject.ReleasesOf(instance).ToArray());
        AssertClean(fire, instance);

        // Nothing that they remember is wrong: the next one finds nothing to do.
        string before = await Snapshot.OfAsync(instance, fire.Cache);
        (await fire.Project.DotNetAsync(FireProject.BuildArguments("main"))).Succeeds();
        Assert.AreEqual(before, await Snapshot.OfAsync(instance, fire.Cache));
    }

    [TestMethod]
    public async Task Twenty_instances_with_one_cold_cache_fetch_and_unpack_everything_once()
    {
        using FireProject fire = await FireProject.CreateAsync();
        string text = fire.PinnedText(1);
        string[] hosts = [.. Enumerable.Range(0, AtOnce).Select(number => $"host{number}")];
        foreach (string host in hosts)
        {
            fire.Project.Write($"{host}/{host}.proj", text);
            foreach (string file in (string[])["archives/beta.zip", "templates/alpha.conf", "templates/more.conf"])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(fire.Project[host, file])!);
                File.Copy(fire.Project[file], fire.Project[host, file]);
            }
        }

        CommandResult[] results = await Task.WhenAll(hosts.Select(host => fire.Project.DotNetAsync("build", $"{host}/{host}.proj", "-v:d")));
        foreach ((string host, CommandResult result) in hosts.Zip(results))
        {
            result.Succeeds();
            string instance = fire.Project[host, "instances", host];
            AssertClean(fire, instance);
            (await fire.Project.RunAsync(Path.Combine(instance, "bin", "alpha"))).Succeeds().Says("alpha 1");
        }

        CollectionAssert.AreEquivalent(new[] { "/alpha-1.tar.gz", "/package.deb" }, fire.Requests.ToArray());
        foreach (string component in (string[])["alpha", "beta", "package"])
        {
            Assert.AreEqual(1, results.Sum(result => result.Output.Split($"Unpacked {component}: ").Length - 1), component);
        }
    }

    private static void AssertClean(FireProject fire, string instance)
    {
        string[] faults =
        [
            .. InstanceCheck.ReleaseFaults(instance),
            .. InstanceCheck.Leftovers(instance),
            .. InstanceCheck.Leftovers(fire.Cache),
            .. CacheCheck.Faults(fire.Cache),
        ];
        Assert.IsEmpty(faults, string.Join('\n', faults));
    }
}
