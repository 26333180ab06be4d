using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;
using Lava.Build.Unpacking;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>A reader that needs no preparation.</summary>
/// <param name="name">What it is called.</param>
/// <param name="seeds">Valid inputs.</param>
/// <param name="read">Gives it one input and says what came of it; throws nothing but refusals.</param>
/// <param name="tokens">What its format is made of; put in at random places.</param>
internal sealed class SimpleFuzzTarget(string name, IReadOnlyList<byte[]> seeds, Func<byte[], string> read, params string[] tokens) : FuzzTarget
{
    internal override string Name => name;

    internal override IEnumerable<byte[]> Seeds() => seeds;

    internal override byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        if (tokens.Length == 0 || random.Next(3) > 0)
        {
            return ByteMutations.Apply(random, input, other);
        }

        string token = random.Next(4) == 0 ? HostileTexts.Name(random) : ByteMutations.One(random, tokens);
        return ByteMutations.Insert(input, random.Next(input.Length + 1), Encoding.UTF8.GetBytes(token));
    }

    internal override Task<string> RunAsync(byte[] input)
    {
        try
        {
            return Task.FromResult(read(input));
        }
        catch (LavaException refusal)
        {
            return Task.FromResult(Outcome(refusal));
        }
    }
}

/// <summary>The readers of texts and of single structures.</summary>
internal static class TextFuzzTargets
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly Uri Home = new("https://example.org/a/b?c");
    private static readonly byte[] Zeros = new byte[TarHeader.BlockSize];

    internal static IEnumerable<FuzzTarget> All()
    {
        yield return new SimpleFuzzTarget("tar-header", [.. TarMutations.Seeds().Select(tar => tar[..TarHeader.BlockSize])], ReadHeader);
        yield return new SimpleFuzzTarget("pax", [.. PaxSeeds().Select(Bytes)], ReadPax, " ", "=", "\n", "path=", "size=", "mtime=", "linkpath=", "GNU.sparse.", "9999999999", "1e5", "-0.5");
        yield return new SimpleFuzzTarget("netrc", [.. NetrcSeeds().Select(Bytes)], ReadNetrc, "machine ", "login ", "password ", "default", "macdef m\n", "\n\n", "\"", "\\", "account ", "#");
        yield return new SimpleFuzzTarget("url", [.. UrlSeeds().Select(Bytes)], ReadUrl, "http://", "https://", "file:///", "@", ":", "//", "?", "#", "[::1]", "%2f", "%00", "\\", "xn--", "\u202e", "\u200e", "\u00ad", "\u0130", "/", "user:secret@", ":99999");
        yield return new SimpleFuzzTarget("apt", [.. AptSeeds().Select(Bytes)], ReadApt, "'", "_", ".deb ", " SHA256:", "\n", "E: ", "://", "@", "%3a", "%", "99999999999999999999");
        yield return new SimpleFuzzTarget("entity-tag", ["ETag: \"abc\""u8.ToArray(), "Last-Modified: Sat, 21 Nov 2026 12:00:00 GMT"u8.ToArray()], ReadCondition, "ETag: ", "Last-Modified: ", "W/", "\"", "\r\n");
        yield return new SimpleFuzzTarget("interpreter", ["#!/bin/sh\n"u8.ToArray(), "#! /usr/bin/env python3 -I\n"u8.ToArray()], ReadInterpreter, "#!", "\r", "\t", "\0");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);

    private static string ReadHeader(byte[] input)
    {
        byte[] block = [.. input.Take(TarHeader.BlockSize), .. Zeros.Take(TarHeader.BlockSize - Math.Min(input.Length, TarHeader.BlockSize))];
        Encoding.ASCII.GetBytes(Convert.ToString(TarHeader.Checksum(block), 8).PadLeft(6, '0') + "\0 ").CopyTo(block, 148);
        if (TarHeader.Parse(block) is not { } header)
        {
            return "refused";
        }

        Assert.IsGreaterThanOrEqualTo(0, header.Size);
        Assert.IsLessThanOrEqualTo(256, header.Name.Length);
        return $"type {header.Type}, name {header.Name.Length > 100}, size 2^{(header.Size == 0 ? 0 : Math.ILogB(header.Size))}";
    }

    private static string ReadPax(byte[] input) => PaxRecords.Parse(input) is not { } records ? "refused"
        : $"{records.Name is not null} {records.Target is not null} {records.Size is not null} {records.Sparse} {Math.Sign(records.ModifiedSeconds ?? 2)}";

    private static string ReadNetrc(byte[] input)
    {
        Netrc netrc = Netrc.Parse(Text(input));
        return string.Join(' ', ((string[])["one", "two.example", ""]).Select(host => netrc.BasicFor(host)?.Length.ToString(CultureInfo.InvariantCulture) ?? "none"));
    }

    private static string ReadUrl(byte[] input)
    {
        string text = Text(input);
        ComponentReference reference = new()
        {
            Name = "thing",
            Source = "archive",
            Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Url"] = text, ["Path"] = "", ["Mirrors"] = text, ["StripComponents"] = text },
        };
        string problems = string.Join(' ', ArchiveCheck.Of(reference).Select(problem => problem.Code).Distinct().Order(StringComparer.Ordinal));
        UrlText.Redact(text);
        bool follows = UrlText.TryFollow(Home, text, out Uri? next);
        Assert.IsTrue(!follows || (next!.Host.Length > 0 && next.AbsoluteUri.All(char.IsAscii)));
        if (!UrlText.TryParse(text, out Uri? url))
        {
            return $"refused {problems} {follows}";
        }

        string shown = UrlText.Public(url);
        Assert.IsFalse(shown.Split('/').ElementAtOrDefault(2)?.Contains('@') ?? false, shown);
        Assert.IsFalse(shown.Contains('?') || shown.Contains('#'), shown);
        Assert.IsTrue(UrlText.SameOrigin(url, url));
        string format = ArchiveOrigin.FormatOf(reference)?.ToString() ?? "none";
        return $"{(UrlText.IsWeb(url) ? "web" : url.Scheme)} {format} {url.UserInfo.Length > 0} {url.IsDefaultPort} {url.HostNameType} {problems}";
    }

    private static string ReadApt(byte[] input)
    {
        string text = Text(input);
        string words = AptWords.Of(text);
        Assert.IsFalse(words.Contains('\n'), words);
        Assert.IsTrue((AptFailure.Of(text, "/cache").Refusal?.Code ?? "LAVA9003") is "LAVA9003" or "LAVA9004" or "LAVA9005");
        AptOffer[] offers = [.. AptOffer.Parse(text)];
        foreach (AptOffer offer in offers)
        {
            Assert.IsFalse(offer.File.Contains('/') || offer.File.Any(char.IsControl), offer.File);
        }

        return $"{offers.Length} {offers.Count(offer => offer.Sha256 is not null)} {offers.Count(offer => offer.Name.Contains('/'))} {words.Count(character => character == ';')}";
    }

    private static string ReadCondition(byte[] input)
    {
        using TemporaryDirectory directory = new();
        PartialFile part = new(Path.Combine(directory.Path, "part"));
        File.WriteAllText(part.Path, "x");
        File.WriteAllBytes(part.Path + ".validator", input);
        System.Net.Http.Headers.RangeConditionHeaderValue? condition = part.Condition();
        Assert.IsFalse(condition?.ToString().Contains('\n') ?? false);
        return $"{condition?.EntityTag is not null} {condition?.Date is not null}";
    }

    private static string ReadInterpreter(byte[] input)
    {
        string? text = TreeWriter.Interpreter(input);
        Assert.IsFalse(text?.Any(char.IsControl) ?? false);
        return text is null ? "none" : $"{text.Length > 0} {text.Contains(' ')}";
    }

    private static IEnumerable<string> PaxSeeds() => ["11 path=a/b\n22 mtime=1234567890.5\n", "9 size=12\n12 linkpath=x\n".Replace("12 linkpath=x", "14 linkpath=x", StringComparison.Ordinal), "22 GNU.sparse.major=1\n", "20 SCHILY.xattr.a=b\n"];

    private static IEnumerable<string> NetrcSeeds() =>
        ["machine one login me password secret\n", "# comment\ndefault login x password y\nmachine two.example\n login \"a b\"\n password \"q\\\"uote\"\nmacdef init\ncd /\n\nmachine one account z login l\n"];

    private static IEnumerable<string> UrlSeeds() =>
        ["https://example.org/a/b-1.0.tar.gz", "http://user:secret@example.org:8080/x.zip?token=1#f", "file:///srv/x.deb", "https://[::1]:443/%2e%2e/x.whl", "ftp://example.org/x"];

    private static IEnumerable<string> AptSeeds() =>
    [
        $"'http://user:secret@example.org/pool/a/a_1%3a2.0-1_amd64.deb' a_1%3a2.0-1_amd64.deb 12345 SHA256:{Digest}\n'https://example.org/b' b_2_all.deb 7 \n",
        "E: Failed to fetch http://user:se/cr@et@example.org/x  404  Not Found [IP: 127.0.0.1 80]\nW: nothing\nE: Unable to fetch some archives.\n",
    ];
}

/// <summary>The readers of files.</summary>
internal sealed class FileFuzzTarget(string name, IReadOnlyList<byte[]> seeds, Func<string, string> read, Func<Random, byte[], byte[]>? mend = null, params string[] tokens) : FuzzTarget
{
    private const int ManifestTrailer = 72;
    private readonly TemporaryDirectory _directory = new();

    internal override string Name => name;

    internal override IEnumerable<byte[]> Seeds() => seeds;

    internal static IEnumerable<FuzzTarget> All()
    {
        yield return new FileFuzzTarget("elf", [File.ReadAllBytes("/bin/true"), .. Unpacking.ElfReaderTests.Samples()], ReadElf);
        yield return new FileFuzzTarget("manifest", [Manifest()], ReadManifest, FixDigest, "\t", "\n", "d\ta\t0\n", "l\tb\t1\tc\n", "elf\t", "#!", "x", "-1", "99999999999999999999");
        yield return new FileFuzzTarget("lock-file", [Lock()], ReadLock, null, "{", "}", "[", "]", ",", ":", "null", "\"version\"", "\"a\":", "\\u0000", "\\ud800", "1e400", "-1", "\"sha256\":", "\"\"");
    }

    internal override byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        byte[] bytes = tokens.Length > 0 && random.Next(3) == 0
            ? ByteMutations.Insert(input, random.Next(input.Length + 1), Encoding.UTF8.GetBytes(ByteMutations.One(random, tokens)))
            : ByteMutations.Apply(random, input, other);
        return mend is null ? bytes : mend(random, bytes);
    }

    internal override Task<string> RunAsync(byte[] input)
    {
        string path = Path.Combine(_directory.Path, name);
        File.WriteAllBytes(path, input);
        try
        {
            return Task.FromResult(read(path));
        }
        catch (LavaException refusal)
        {
            return Task.FromResult(Outcome(refusal));
        }
    }

    public override void Dispose()
    {
        _directory.Dispose();
        base.Dispose();
    }

    private static string ReadElf(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        ElfFacts? facts = ElfReader.Read(handle);
        Assert.IsFalse(facts?.Needed.Append(facts.Loader).Append(facts.Name).Any(text => text?.Any(char.IsControl) ?? false) ?? false);
        return facts is null ? "none" : $"{facts.Loader is not null} {facts.Name is not null} {Math.Min(facts.Needed.Count, 9)}";
    }

    private static string ReadManifest(string path)
    {
        TreeManifest manifest = TreeManifest.Read(path);
        return $"{string.Join(' ', manifest.Entries.Select(entry => entry.Kind).Distinct().Order())} {manifest.Entries.Count(entry => entry.Elf is not null)}";
    }

    private static string ReadLock(string path)
    {
        LockFile read = LockFile.Read(path)!;
        File.WriteAllText(path, read.ToText());
        LockFile again = LockFile.Read(path)!;
        CollectionAssert.AreEquivalent(read.Pins.Values.ToArray(), again.Pins.Values.ToArray());
        return $"{Math.Min(read.Pins.Count, 4)} {read.Pins.Values.Count(pin => pin.Sha256 is null)} {read.Pins.Values.Count(pin => pin.Size is null)}";
    }

    /// <summary>Mostly with a last line that fits, so that the lines before are read.</summary>
    private static byte[] FixDigest(Random random, byte[] bytes)
    {
        if (bytes.Length < ManifestTrailer || random.Next(10) == 0)
        {
            return bytes;
        }

        byte[] body = bytes[..^ManifestTrailer];
        return [.. body, .. "sha256\t"u8, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(body))), (byte)'\n'];
    }

    private static byte[] Manifest() => ManifestText.Write(
    [
        new TreeEntry("bin", EntryKind.Directory, ModifiedSeconds: 5),
        new TreeEntry("bin/a", EntryKind.File, true, 7, 5, new string('a', 64)) { Elf = new ElfFacts("/lib/ld.so", null, ["libc.so.6", "libm.so.6"]) },
        new TreeEntry("bin/b", EntryKind.File, true, 7, 5, new string('b', 64)) { Interpreter = "/bin/sh -e" },
        new TreeEntry("l", EntryKind.Link, LinkTarget: "bin/a"),
        new TreeEntry("t", EntryKind.File, false, 0, 5, new string('c', 64)),
    ]).ToArray();

    private static byte[] Lock() => Encoding.UTF8.GetBytes(new LockFile(new Dictionary<string, Pin>
    {
        ["a"] = new() { Name = "a", Source = "deb", Version = "1:2.0-1", Architecture = "amd64", File = "a_1%3a2.0-1_amd64.deb", Size = 5, Sha256 = new string('a', 64) },
        ["b"] = new() { Name = "b", Source = "local" },
    }).ToText());
}
