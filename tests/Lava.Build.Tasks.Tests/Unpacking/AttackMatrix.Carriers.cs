namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by what stands elsewhere than in a header's name and target: GNU's and pax's headers before it, and ustar's prefix.</summary>
internal static partial class AttackMatrix
{
    private const string Harmless = "harmless";
    private const string NoCarriers = "no such header";
    private const string GnuMagic = "ustar  \0";

    /// <summary>Each way that a name comes by, on a file whose header's own name would do no harm.</summary>
    private static readonly (string How, Func<TarBuilder, string, TarBuilder> Add)[] NameCarriers =
    [
        ("by a GNU long name", (tar, name) => tar.LongName(name).File(Harmless)),
        ("by a pax path", (tar, name) => tar.Pax(("path", name)).File(Harmless)),
        ("by a ustar prefix", (tar, name) => tar.Member('0', name[(name.LastIndexOf('/') + 1)..], prefix: name[..name.LastIndexOf('/')])),
    ];

    private static readonly (string How, Func<TarBuilder, string, TarBuilder> Add)[] TargetCarriers =
    [
        ("by a GNU long target", (tar, target) => tar.LongTarget(target).HardLink("a", "first")),
        ("by a pax linkpath", (tar, target) => tar.Pax(("linkpath", target)).HardLink("a", "first")),
    ];

    private static IEnumerable<Attack> Carriers() =>
    [
        .. NamesCarried("`..`", "at the start", "LAVA3004", "../escape"),
        .. NamesCarried("`..`", "inside", "LAVA3004", "a/../../escape"),
        .. NamesCarried("absolute name", "file", "LAVA3003", "/etc/passwd"),
        .. NamesCarried("through a symlink", "file", "LAVA3009", "etc/passwd", tar => tar.Link("etc", "/etc")),
        .. NamesCarried("duplicate", "file", "LAVA3010", "d/f", tar => tar.File("d/f")),
        .. NamesCarried("duplicate", "file over a link", "LAVA3010", "d/l", tar => tar.Link("d/l", "/etc/passwd")),
        .. TargetsCarried("absolute", "LAVA3011", "/etc/passwd"),
        .. TargetsCarried("upwards", "LAVA3011", "../../../../canary/kept"),
        .. TargetsCarried("through a symlink", "LAVA3011", "l/passwd", tar => tar.Link("l", "/etc")),
        OnlyTar("through a symlink", "that a GNU long name planted", "LAVA3009", tar => tar.LongName("etc").Link(Harmless, "/etc").File("etc/passwd")),
        OnlyTar("through a symlink", "that a pax path and linkpath planted", "LAVA3009", tar => tar.Pax(("path", "etc"), ("linkpath", "/etc")).Link(Harmless, "first").File("etc/passwd")),
        OnlyTar("through a symlink", "that a ustar prefix planted", "LAVA3009", tar => tar.Member('2', "etc", target: "/etc", prefix: "d").File("d/etc/passwd")),
        OnlyTar("two names", "hostile, and a harmless pax path, which holds", "f safe", tar => tar.Pax(("path", "safe")).File("../escape")),
        OnlyTar("two names", "hostile, and a pax path of nothing, so that it holds", "LAVA3004", tar => tar.Pax(("path", "")).File("../escape")),
        OnlyTar("two names", "hostile, and a harmless GNU long name, which holds", "f safe", tar => tar.LongName("safe").File("../escape")),
        OnlyTar("two names", "harmless, and a GNU long name of nothing, which holds", "LAVA3016", tar => tar.LongName("").File(Harmless)),
        OnlyTar("two names", "hostile GNU long name, and a harmless pax path, which holds", "f safe", tar => tar.LongName("../escape").Pax(("path", "safe")).File(Harmless)),
        OnlyTar("two names", "harmless GNU long name, and a hostile pax path, which holds", "LAVA3004", tar => tar.Pax(("path", "../escape")).LongName("safe").File(Harmless)),
        OnlyTar("two names", "two pax paths in one header, of which the last holds", "LAVA3004", tar => tar.Pax(("path", "safe"), ("path", "../escape")).File(Harmless)),
        OnlyTar("two names", "two GNU long names", "LAVA3008", tar => tar.LongName("safe").LongName("../escape").File(Harmless)),
        OnlyTar("two names", "hostile ustar prefix, and a pax path, which holds", "f safe", tar => tar.Pax(("path", "safe")).Member('0', Harmless, prefix: "..")),
        OnlyTar("two names", "hostile ustar prefix, and a GNU long name, which holds", "f safe", tar => tar.LongName("safe").Member('0', Harmless, prefix: "..")),
        OnlyTar("two names", "prefix in a GNU header, which has none there", "f harmless", tar => tar.Member('0', Harmless, prefix: "..", magic: GnuMagic)),
        OnlyTar("two targets", "hostile, and a harmless pax linkpath, which holds", "f a", tar => tar.Pax(("linkpath", "first")).HardLink("a", "/etc/passwd")),
        OnlyTar("two targets", "hostile, and a harmless GNU long target, which holds", "f a", tar => tar.LongTarget("first").HardLink("a", "/etc/passwd")),
        OnlyTar("two targets", "harmless GNU long target, and a hostile pax linkpath, which holds", "LAVA3011", tar => tar.Pax(("linkpath", "/etc/passwd")).LongTarget("first").HardLink("a", "first")),
    ];

    private static IEnumerable<Attack> NamesCarried(
        string type, string what, string outcome, string name, Func<TarBuilder, TarBuilder>? before = null) =>
        NameCarriers.Select(carrier => OnlyTar(type, $"{what}, {carrier.How}", outcome, tar => carrier.Add(before?.Invoke(tar) ?? tar, name)));

    private static IEnumerable<Attack> TargetsCarried(
        string what, string outcome, string target, Func<TarBuilder, TarBuilder>? before = null) =>
        TargetCarriers.Select(carrier => OnlyTar("hard link", $"{what}, {carrier.How}", outcome, tar => carrier.Add(before?.Invoke(tar) ?? tar, target)));

    private static Attack OnlyTar(string type, string what, string outcome, Func<TarBuilder, TarBuilder> attack) =>
        new(type, what, Tar(outcome, attack), None(NoCarriers));
}
