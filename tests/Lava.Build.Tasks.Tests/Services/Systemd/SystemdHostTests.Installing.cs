using Lava.Build.Services.Systemd;
using Lava.Build.Services;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>What is installed again, or removed, while systemd runs.</summary>
public sealed partial class SystemdHostTests
{
    [TestMethod]
    public async Task An_installation_that_ended_before_systemd_read_its_units_is_completed_by_the_next()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(WebService()));
        await InstallAsync(host, bench);
        InstanceServices more = Services(WebService(), new ServiceDescription { Name = "worker", Command = "/bin/sleep", Arguments = ["infinity"] });
        Activate(bench, "1", more);
        UnitDirectory units = new(host.Units, bench.Root, []);
        foreach ((string name, string text) in bench.Filled(more, system: true))
        {
            units.Write(name, text);
        }

        Assert.Contains($"{Target} was restarted and runs 1", await InstallAsync(host, bench));
        Assert.AreEqual("active", await host.PropertyAsync(Worker, "ActiveState"));
        Assert.Contains($"{Target} runs 1 already", await InstallAsync(host, bench));
    }

    [TestMethod]
    public async Task Units_that_a_release_no_longer_has_are_stopped_and_removed_and_removal_leaves_nothing()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        ServiceDescription sleeper = new() { Name = "worker", Command = "/bin/sleep", Arguments = ["infinity"] };
        Activate(bench, "1", Services(WebService(), sleeper));
        await InstallAsync(host, bench);
        Activate(bench, "2", Services(WebService()));
        Assert.Contains("Removed /etc/systemd/system/lava-probe-worker.service", await InstallAsync(host, bench));
        Assert.AreEqual("not-found", await host.PropertyAsync(Worker, "LoadState"));
        Assert.AreEqual("active", await host.PropertyAsync(Web, "ActiveState"));

        Ran ran = await host.HelpAsync("remove-services", bench.Root, "");
        Assert.AreEqual(0, ran.ExitCode, ran.Output);
        Assert.AreEqual("not-found", await host.PropertyAsync(Web, "LoadState"));
        Assert.IsEmpty(Directory.GetFiles(host.Units, "*", SearchOption.AllDirectories).Where(file => file.Contains("lava-", StringComparison.Ordinal) && !file.EndsWith("output.conf", StringComparison.Ordinal)));
        Assert.IsTrue(File.Exists(bench["var", "status"]));
        Assert.AreEqual(0, (await host.HelpAsync("remove-services", bench.Root, "")).ExitCode);
    }
}
