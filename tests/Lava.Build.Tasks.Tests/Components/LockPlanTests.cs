using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class LockPlanTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly ComponentReference Asked = new()
    {
        Name = "a",
        Source = "deb",
        Version = "1",
        Location = new SourceLocation("instance.proj", 3, 4),
    };

    private static readonly Pin Locked = new() { Name = "a", Source = "deb", Version = "1", Architecture = "amd64", Size = 1, Sha256 = Digest };

    /// <summary>A reference, a pin, and what they differ in; null where they fit.</summary>
    private static IEnumerable<object?[]> Cases =>
    [
        [Asked, Locked, null],
        [Asked with { Source = "DEB" }, Locked, null],
        [Asked with { Sha256 = Digest }, Locked, null],
        [Asked, Locked with { Architecture = "all" }, null],
        [Asked, Locked with { Architecture = null }, null],
        [Asked, Locked with { File = "x", Size = 2 }, null],
        [Asked with { Metadata = Architecture("arm64") }, Locked with { Architecture = "arm64" }, null],
        [Asked with { Metadata = Architecture("arm64") }, Locked with { Architecture = "all" }, null],
        [Asked with { Source = "local", Version = "" }, new Pin { Name = "a", Source = "local" }, null],
        [Asked, null, "LAVA1013: 'a' 1"],
        [Asked, Locked with { Source = "archive" }, "LAVA1011: source 'deb', but 'instance.lock.json' has 'archive'"],
        [Asked, Locked with { Version = "2" }, "LAVA1011: version '1', but 'instance.lock.json' has '2'"],
        [Asked with { Sha256 = new string('0', 64) }, Locked, $"LAVA1011: '{new string('0', 64)}', but 'instance.lock.json' has '{Digest}'"],
        [Asked with { Sha256 = Digest }, Locked with { Sha256 = null }, "LAVA1011: has 'none'"],
        [Asked, Locked with { Sha256 = null }, "LAVA1011: SHA-256 'of its archive', but 'instance.lock.json' has 'none'"],
        [Asked with { Metadata = Architecture("arm64") }, Locked, "LAVA1011: architecture 'arm64', but 'instance.lock.json' has 'amd64'"],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_pin_that_fits_is_kept_and_another_is_resolved_again(ComponentReference asked, Pin? locked, string? difference)
    {
        foreach (LockMode mode in (LockMode[])[LockMode.Update, LockMode.Locked])
        {
            LockPlan plan = Compare(mode, [asked], locked is null ? [] : [locked]);
            Assert.AreEqual(difference is null ? locked : null, plan.Kept.GetValueOrDefault("a"));
            Assert.AreEqual(difference is null ? null : asked, plan.ToResolve.SingleOrDefault());
            Assert.AreEqual(difference?[..8], plan.Differences.SingleOrDefault()?.Code);
            Assert.Contains(difference?[10..] ?? "", plan.Differences.SingleOrDefault()?.Text ?? "");
            Assert.AreEqual(difference is null ? default : asked.Location, plan.Differences.SingleOrDefault()?.Location ?? default);
        }
    }

    [TestMethod]
    public void Without_a_lock_file_everything_is_resolved()
    {
        LockPlan plan = LockPlan.Compare([Asked, Asked with { Name = "b" }], null, "instance.lock.json", LockMode.Update, "amd64");
        Assert.IsEmpty(plan.Kept);
        Assert.HasCount(2, plan.ToResolve);
        Assert.IsTrue(plan.Differences.All(problem => problem.Code == "LAVA1013"));
    }

    [TestMethod]
    public void Renewing_keeps_no_pin()
    {
        LockPlan plan = Compare(LockMode.Renew, [Asked], [Locked]);
        Assert.IsEmpty(plan.Kept);
        Assert.AreEqual(Asked, plan.ToResolve.Single());
    }

    [TestMethod]
    public void What_nobody_asks_for_any_more_is_a_difference_in_the_lock_file()
    {
        LockPlan plan = Compare(LockMode.Locked, [Asked], [Locked with { Name = "z" }, Locked, Locked with { Name = "b", Version = "7" }]);
        Assert.AreEqual(Locked, plan.Kept.Single().Value);
        Assert.IsEmpty(plan.ToResolve);
        Assert.AreEqual("LAVA1015 LAVA1015", string.Join(' ', plan.Differences.Select(problem => problem.Code)));
        Assert.Contains("'b' 7 is in 'instance.lock.json'", plan.Differences[0].Text);
        Assert.AreEqual(new SourceLocation("instance.lock.json"), plan.Differences[0].Location);
    }

    [TestMethod]
    [DataRow(LockMode.Update)]
    [DataRow(LockMode.Locked)]
    public void A_lock_file_for_another_architecture_is_an_error_that_lists_every_component(LockMode mode)
    {
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => LockPlan.Compare(
            [Asked, Asked with { Name = "b" }, Asked with { Name = "c" }],
            new LockFile(new Dictionary<string, Pin>
            {
                ["a"] = Locked,
                ["b"] = Locked with { Name = "b" },
                ["c"] = Locked with { Name = "c", Architecture = "all" },
            }),
            "instance.lock.json",
            mode,
            "arm64"));
        Assert.AreEqual("LAVA1014 LAVA1014", string.Join(' ', failure.Problems.Select(problem => problem.Code)));
        Assert.Contains("'a' is locked for amd64, and this instance is for arm64", failure.Problems[0].Text);
    }

    [TestMethod]
    public void A_lock_file_for_another_architecture_can_be_renewed() =>
        Assert.AreEqual(Asked, LockPlan.Compare([Asked], File(Locked), "instance.lock.json", LockMode.Renew, "arm64").ToResolve.Single());

    [TestMethod]
    public void This_machines_architecture_is_told_as_Debian_does() => Assert.MatchesRegex("^[a-z0-9]+$", LockPlan.HostArchitecture);

    private static LockPlan Compare(LockMode mode, ComponentReference[] asked, Pin[] locked) =>
        LockPlan.Compare(asked, File(locked), "instance.lock.json", mode, "amd64");

    private static LockFile File(params Pin[] pins) => new(pins.ToDictionary(pin => pin.Name));

    private static Dictionary<string, string> Architecture(string value) => new(StringComparer.OrdinalIgnoreCase) { ["Architecture"] = value };
}
