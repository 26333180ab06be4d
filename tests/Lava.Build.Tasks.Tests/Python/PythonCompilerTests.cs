using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Python;

[TestClass]
public sealed class PythonCompilerTests
{
    private const string Packages = "usr/lib/python3/dist-packages";

    [TestMethod]
    [DataRow("usr/lib/python3/dist-packages/a.py", true)]
    [DataRow("lib/python3.11/site-packages/a/b/c.py", true)]
    [DataRow("site-packages/a.py", true)]
    [DataRow("usr/share/app/a.py", false)]
    [DataRow("usr/lib/python3/dist-packages/a.pyi", false)]
    [DataRow("usr/lib/python3/dist-packages/a.py\n", false)]
    [DataRow("usr/lib/python3/my-dist-packages/a.py", false)]
    [DataRow("usr/lib/python3/dist-packages/.py/a", false)]
    public void Modules_are_told_from_other_files(string path, bool module) => Assert.AreEqual(module, PythonCompiler.IsModule(path));

    [TestMethod]
    public async Task Compiled_modules_are_recorded_in_the_manifest_as_they_stand()
    {
        using Bench bench = await Bench.MakeAsync($"{Packages}/a.py=x = 1\n", $"{Packages}/p/__init__.py=", "usr/share/b.py=x = 1\n");
        string tag = bench.Python.CacheTag;
        string[] added = [.. bench.Manifest.Entries.Select(entry => entry.Path).Where(path => path.Contains("__pycache__", StringComparison.Ordinal))];
        CollectionAssert.AreEqual(
            new[]
            {
                $"{Packages}/__pycache__", $"{Packages}/__pycache__/a.{tag}.pyc", $"{Packages}/p/__pycache__", $"{Packages}/p/__pycache__/__init__.{tag}.pyc",
            },
            added);
        Assert.IsNull(bench.FindDifference());
        Assert.IsTrue(bench.Manifest.Entries.Select(entry => entry.Path).SequenceEqual(
            bench.Manifest.Entries.Select(entry => entry.Path).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public async Task What_the_file_system_refuses_is_not_told_as_a_fault_of_Python()
    {
        using TemporaryDirectory directory = new();
        string packages = Directory.CreateDirectory(Path.Combine(directory.Path, Packages)).FullName;
        await File.WriteAllTextAsync(Path.Combine(packages, "a.py"), "x = 1\n");
        // Nothing can be written below a file.
        await File.WriteAllTextAsync(Path.Combine(packages, "__pycache__"), "");
        TreeManifest manifest = new([new TreeEntry($"{Packages}/a.py", EntryKind.File, Size: 6)]);
        PythonCompiler compiler = new(await Pythons.HostAsync(), new ProcessRunner(HostEnvironment.OfThisProcess()), new RecordingLog());
        IOException failure = await Assert.ThrowsExactlyAsync<IOException>(
            () => compiler.CompileAsync([(directory.Path, manifest)], CancellationToken.None));
        Assert.AreEqual(Posix.ENOTDIR, failure.HResult);
        Assert.StartsWith($"{packages}/", failure.Message);
    }

    [TestMethod]
    public async Task The_pyc_is_an_unchecked_hash_one_that_Python_uses_without_looking_at_the_source_or_writing()
    {
        using Bench bench = await Bench.MakeAsync($"{Packages}/a.py=value = 'compiled'\n");
        string compiled = bench.At($"{Packages}/__pycache__/a.{bench.Python.CacheTag}.pyc");

        // PEP 552: bit 0 says that a hash follows, bit 1 that it is to be checked.
        Assert.AreEqual(1u, BitConverter.ToUInt32(await File.ReadAllBytesAsync(compiled), 4));
        CacheBench.Damage(bench.At($"{Packages}/a.py"), "value = 'from the source'\n");
        byte[] before = await File.ReadAllBytesAsync(compiled);
        string output = await Run.OutputAsync(
            bench.Python.Executable, ["-c", "import a; print(a.value, a.__cached__)"], new Dictionary<string, string?> { ["PYTHONPATH"] = bench.At(Packages) });
        Assert.AreEqual($"compiled {compiled}\n", output);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(compiled));
        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(compiled)!));
    }

    [TestMethod]
    public async Task A_traceback_names_the_place_in_a_release_and_not_of_the_cache()
    {
        using Bench bench = await Bench.MakeAsync($"{Packages}/a.py=x = 1\n");
        byte[] bytes = await File.ReadAllBytesAsync(bench.At($"{Packages}/__pycache__/a.{bench.Python.CacheTag}.pyc"));
        string text = System.Text.Encoding.Latin1.GetString(bytes);
        Assert.Contains($"{Packages}/a.py", text);
        Assert.DoesNotContain(bench.Root, text);
    }

    [TestMethod]
    public async Task What_cannot_be_compiled_is_left_out_and_told_in_detail()
    {
        using Bench bench = await Bench.MakeAsync(
            $"{Packages}/bad.py=print 'Python 2'\n", $"{Packages}/good.py=x = 1\n", $"{Packages}/null.py=x = '\0'\n",
            $"{Packages}/coding.py=# coding: no-such\n", $"{Packages}/old.py=x = '\\d'\n");
        string[] compiled = [.. bench.Manifest.Entries.Select(entry => Path.GetFileName(entry.Path)).Where(name => name.EndsWith(".pyc", StringComparison.Ordinal))];
        CollectionAssert.AreEqual(new[] { $"good.{bench.Python.CacheTag}.pyc", $"old.{bench.Python.CacheTag}.pyc" }, compiled);
        string told = string.Join('\n', bench.Log.Lines);
        Assert.Contains($"Not compiled: {Packages}/bad.py: ", told);
        Assert.DoesNotContain("old.py", told);
        Assert.IsEmpty(bench.Log.Warnings);
        Assert.IsNull(bench.FindDifference());
    }

    [TestMethod]
    public async Task The_same_modules_give_the_same_bytes_whatever_is_compiled_with_them_and_wherever()
    {
        string[] modules = [.. Enumerable.Range(0, 40).Select(i => $"{Packages}/m{i}.py=import os\ndef f{i}(a, b={{'x', 'y', 'z{i}'}}): return a in {{'p', 'q', 'r'}} or os.sep\n")];
        using Bench all = await Bench.MakeAsync(modules);
        using Bench reversed = await Bench.MakeAsync([.. modules.Reverse()]);
        using Bench one = await Bench.MakeAsync(modules[7]);
        Assert.IsTrue(all.Manifest.Entries.SequenceEqual(reversed.Manifest.Entries));
        Assert.IsEmpty(one.Manifest.Entries.Where(entry => entry.Kind == EntryKind.File).Except(all.Manifest.Entries));
    }

    [TestMethod]
    public async Task Many_trees_at_once_keep_apart_and_in_order()
    {
        using TemporaryDirectory directory = new();
        PythonInterpreter python = await Pythons.HostAsync();
        List<(string, TreeManifest)> trees = [];
        for (int i = 0; i < 5; i++)
        {
            string root = Path.Combine(directory.Path, $"odd\t\n{i}");
            Directory.CreateDirectory(Path.Combine(root, Packages));
            await File.WriteAllTextAsync(Path.Combine(root, Packages, "a.py"), $"x = {i}\n");
            trees.Add((root, new TreeManifest(i == 3 ? [] : [new TreeEntry($"{Packages}/a.py", EntryKind.File, Size: 6)])));
        }

        IReadOnlyList<TreeManifest> manifests = await Compiler(python, new RecordingLog()).CompileAsync(trees, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { 3, 3, 3, 0, 3 }, manifests.Select(manifest => manifest.Entries.Count).ToArray());
        Assert.HasCount(4, manifests.SelectMany(manifest => manifest.Entries.Select(entry => entry.Sha256)).OfType<string>().Distinct());
    }

    [TestMethod]
    public async Task A_compiled_module_that_the_archive_brings_is_replaced()
    {
        PythonInterpreter python = await Pythons.HostAsync();
        string path = $"{Packages}/__pycache__/a.{python.CacheTag}.pyc";
        using Bench bench = await Bench.MakeAsync($"{Packages}/a.py=x = 1\n", $"{path}=stale", $"{Packages}/__pycache__/other.pyc=kept");
        Assert.AreNotEqual(5, bench.Manifest.Entries.Single(entry => entry.Path == path).Size);
        Assert.IsNull(bench.FindDifference());
    }

    [TestMethod]
    public async Task Nothing_is_written_through_links_that_an_archive_brings()
    {
        PythonInterpreter python = await Pythons.HostAsync();
        using TemporaryDirectory victim = new();
        string target = Path.Combine(victim.Path, "target");
        using Bench bench = await Bench.MakeAsync(
            $"{Packages}/a.py=x = 1\n", $"{Packages}/__pycache__->{victim.Path}",
            $"{Packages}/p/b.py=x = 1\n", $"{Packages}/p/__pycache__/b.{python.CacheTag}.pyc->{target}",
            $"{Packages}/q/c.py=x = 1\n", $"{Packages}/q/__pycache__=a file",
            $"{Packages}/r/d.py=x = 1\n", $"{Packages}/r/__pycache__/d.{python.CacheTag}.pyc/",
            $"{Packages}/s/e.py=x = 1\n");
        Assert.IsEmpty(Directory.GetFileSystemEntries(victim.Path));
        Assert.AreEqual(
            $"{Packages}/s/__pycache__/e.{python.CacheTag}.pyc",
            bench.Manifest.Entries.Single(entry => entry.Path.EndsWith(".pyc", StringComparison.Ordinal) && entry.Kind == EntryKind.File).Path);
        Assert.IsNull(bench.FindDifference());
    }

    [TestMethod]
    public async Task A_module_that_would_become_absurdly_large_is_left_out()
    {
        string bomb = string.Concat(Enumerable.Range(0, 100).Select(i => $"a{i}=\"{i:d5}\"*819\n"));
        using Bench bench = await Bench.MakeAsync($"{Packages}/bomb.py={bomb}", $"{Packages}/good.py=x = 1\n");
        Assert.AreEqual($"good.{bench.Python.CacheTag}.pyc", bench.Manifest.Entries.Select(entry => Path.GetFileName(entry.Path)).Single(name => name.EndsWith(".pyc", StringComparison.Ordinal)));
        Assert.Contains($"Not compiled: {Packages}/bomb.py: {bomb.Length} bytes would become ", string.Join('\n', bench.Log.Lines));
        Assert.IsNull(bench.FindDifference());
    }

    [TestMethod]
    [DataRow(230)]
    [DataRow(240)]
    [DataRow(252)]
    public async Task A_module_whose_name_is_too_long_to_be_compiled_is_left_as_it_is(int length)
    {
        string name = new('n', length);
        using Bench bench = await Bench.MakeAsync($"{Packages}/{name}.py=x = 1\n", $"{Packages}/good.py=x = 1\n");
        bool fits = $"{name}.{bench.Python.CacheTag}.pyc".Length <= 255;
        Assert.HasCount(fits ? 2 : 1, bench.Manifest.Entries.Where(entry => entry.Path.EndsWith(".pyc", StringComparison.Ordinal)));
        Assert.AreEqual(!fits, bench.Log.Lines.Any(line => line.Contains("too long to be compiled", StringComparison.Ordinal)));
        Assert.IsNull(bench.FindDifference());
    }

    [TestMethod]
    public async Task What_Python_quotes_of_a_module_does_not_steer_a_terminal()
    {
        using Bench bench = await Bench.MakeAsync($"{Packages}/bad.py=def \u001b[31m\u0007(\n");
        Assert.Contains("Not compiled: ", string.Join('\n', bench.Log.Lines));
        Assert.IsFalse(bench.Log.Lines.Any(line => line.Contains('\u001b', StringComparison.Ordinal) || line.Contains('\a', StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_compiled_module_that_the_archive_brings_as_another_name_of_a_program_leaves_the_program_alone()
    {
        PythonInterpreter python = await Pythons.HostAsync();
        foreach (string source in (string[])["def (\n", "x = 1\n"])
        {
            string path = $"{Packages}/__pycache__/m.{python.CacheTag}.pyc";
            using Bench bench = await Bench.MakeAsync("bin/tool*=#!/bin/sh\n", $"{Packages}/m.py={source}", $"{path}=>bin/tool");
            Assert.AreEqual("#!/bin/sh\n", await File.ReadAllTextAsync(bench.At("bin/tool")));
            Assert.AreEqual(TreeModes.Program, File.GetUnixFileMode(bench.At("bin/tool")));
            Assert.IsNull(bench.FindDifference());
        }
    }

    [TestMethod]
    public async Task An_interpreter_that_fails_is_an_error()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(Path.Combine(directory.Path, Packages));
        await File.WriteAllTextAsync(Path.Combine(directory.Path, Packages, "a.py"), "");
        PythonInterpreter broken = new("/bin/false", "3.11.2", "cpython-311");
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => Compiler(broken, new RecordingLog()).CompileAsync(
            [(directory.Path, new TreeManifest([new TreeEntry($"{Packages}/a.py", EntryKind.File)]))], CancellationToken.None));
        Assert.AreEqual("LAVA9010", failure.Problems.Single().Code);
    }

    private static PythonCompiler Compiler(PythonInterpreter python, RecordingLog log) =>
        new(python, new ProcessRunner(HostEnvironment.OfThisProcess()), log);

    /// <summary>A tree in a cache, compiled.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly CacheBench _cache = new();

        public required PythonInterpreter Python { get; init; }

        public RecordingLog Log => _cache.Log;

        public string Root { get; private set; } = "";

        public TreeManifest Manifest { get; private set; } = new([]);

        public static async Task<Bench> MakeAsync(params string[] lines)
        {
            Bench bench = new() { Python = await Pythons.HostAsync() };
            TreeCache trees = bench._cache.Trees(bench.Python);
            TreeRequest request = await bench._cache.AddAsync("a", lines);
            await trees.EnsureAsync([request], CancellationToken.None);
            bench.Root = trees.TreePath(trees.DigestOf(request));
            bench.Manifest = TreeManifest.Read(trees.ManifestPath(trees.DigestOf(request)));
            return bench;
        }

        public string At(string path) => Path.Combine(Root, path);

        public string? FindDifference() => TreeVerifier.FindDifferenceInContent(Root, Manifest, CancellationToken.None);

        public void Dispose() => _cache.Dispose();
    }
}
