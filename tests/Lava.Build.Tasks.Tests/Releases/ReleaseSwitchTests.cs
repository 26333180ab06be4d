using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class ReleaseSwitchTests
{
    [TestMethod]
    public void Both_links_lead_to_the_release_and_are_relative()
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = Make(directory, "1+a", "2+b");
        Assert.IsTrue(ReleaseSwitch.To(layout, "1+a"));
        Assert.AreEqual("1+a", new FileInfo(layout.Current).LinkTarget);
        Assert.AreEqual("code/current/bin", new FileInfo(layout.Bin).LinkTarget);
        Assert.AreEqual("1+a", File.ReadAllText(Path.Combine(layout.Bin, "name")));
        Assert.IsFalse(ReleaseSwitch.To(layout, "1+a"));
        Assert.IsTrue(ReleaseSwitch.To(layout, "2+b"));
        Assert.AreEqual("2+b", File.ReadAllText(Path.Combine(layout.Bin, "name")));
        Assert.IsTrue(ReleaseSwitch.To(layout, "1+a"));
        Assert.HasCount(3, Directory.GetFileSystemEntries(layout.Code));
        Assert.HasCount(2, Directory.GetFileSystemEntries(layout.Root));
    }

    [TestMethod]
    public async Task At_no_moment_is_there_no_active_release()
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = Make(directory, "1+a", "2+b");
        ReleaseSwitch.To(layout, "1+a");
        using CancellationTokenSource stop = new();
        TaskCompletionSource reading = new();
        Task reader = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Assert.Contains(File.ReadAllText(Path.Combine(layout.Bin, "name")), (string[])["1+a", "2+b"]);
                    reading.TrySetResult();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Task.WhenAny(reading.Task, reader);
        for (int i = 0; i < 200; i++)
        {
            ReleaseSwitch.To(layout, i % 2 == 0 ? "2+b" : "1+a");
        }

        await stop.CancelAsync();
        await reader;
    }

    [TestMethod]
    public void Links_that_lead_elsewhere_or_nowhere_are_led_right()
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = Make(directory, "1+a");
        File.CreateSymbolicLink(layout.Current, "deleted");
        File.CreateSymbolicLink(layout.Bin, "/usr/bin");
        Assert.IsTrue(ReleaseSwitch.To(layout, "1+a"));
        Assert.AreEqual("1+a", File.ReadAllText(Path.Combine(layout.Bin, "name")));
    }

    [TestMethod]
    [DataRow("3+c")]
    [DataRow("unfinished")]
    [DataRow("../../..")]
    public void A_release_that_does_not_stand_is_an_error_and_changes_nothing(string release)
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = Make(directory, "1+a");
        Directory.CreateDirectory(layout.Release("unfinished"));
        ReleaseSwitch.To(layout, "1+a");
        Problem problem = Assert.ThrowsExactly<LavaException>(() => ReleaseSwitch.To(layout, release)).Problems.Single();
        Assert.AreEqual("LAVA4037", problem.Code);
        Assert.Contains($"'{release}'", problem.Text);
        Assert.AreEqual("1+a", new FileInfo(layout.Current).LinkTarget);
    }

    [TestMethod]
    [DataRow("code/current", true)]
    [DataRow("code/current", false)]
    [DataRow("bin", true)]
    [DataRow("bin", false)]
    public void What_else_stands_in_a_links_place_is_kept_and_nothing_is_switched(string place, bool isDirectory)
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = Make(directory, "1+a", "2+b");
        ReleaseSwitch.To(layout, "1+a");
        string path = Path.Combine(layout.Root, place);
        File.Delete(path);
        if (isDirectory)
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            File.WriteAllText(path, "the admin's");
        }

        Problem problem = Assert.ThrowsExactly<LavaException>(() => ReleaseSwitch.To(layout, "2+b")).Problems.Single();
        Assert.AreEqual("LAVA4038", problem.Code);
        Assert.Contains($"'{path}'", problem.Text);
        Assert.AreEqual(place == "bin" ? "1+a" : null, new FileInfo(layout.Current).LinkTarget);
        Assert.IsTrue(isDirectory ? Directory.Exists(path) : File.ReadAllText(path) == "the admin's");
    }

    private static InstanceLayout Make(TemporaryDirectory directory, params string[] releases)
    {
        InstanceLayout layout = new(Path.Combine(directory.Path, "instance"));
        foreach (string release in releases)
        {
            Directory.CreateDirectory(Path.Combine(layout.Release(release), "bin"));
            File.WriteAllText(Path.Combine(layout.Release(release), "bin/name"), release);
            File.WriteAllText(Path.Combine(layout.Release(release), "release.json"), "{}");
        }

        return layout;
    }
}
