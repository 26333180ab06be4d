using Lava.Build.Releases;

namespace Lava.Build.Tests.Shells;

[TestClass]
public sealed class PythonLibrariesTests
{
    // The parts of Python.h (3.11) that a module needs; the header is seldom installed.
    private const string Module = """
        struct { long count; void *type; void *init; long index; void *copy; const char *name, *text; long size;
                 void *methods, *slots, *traverse, *clear, *free; } module = { .count = 1, .name = "answer", .size = -1 };
        void *PyModule_Create2(void *, int);
        int PyModule_AddIntConstant(void *, const char *, long);
        int upper(void);
        void *PyInit_answer(void) {
          void *created = PyModule_Create2(&module, 1013);
          if (created) PyModule_AddIntConstant(created, "value", upper());
          return created;
        }
        """;

    [TestMethod]
    [DataRow("print(answer.value)", "42\n")]
    [DataRow("import os; print(answer.value, [n for n in os.environ if n.startswith('LD_')])", "42 []\n")]
    public async Task A_module_finds_libraries_that_need_each_other(string use, string expected)
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = await CreateAsync(directory);
        foreach (string python in new[] { instance.InBin("python"), Path.Combine(instance.Root, "code/current/bin/python"), instance.InRelease("bin/python") })
        {
            Assert.AreEqual(expected, await Run.OutputAsync(python, ["-c", "import answer; " + use]));
        }
    }

    [TestMethod]
    public async Task A_module_in_the_store_finds_them_too()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = await CreateAsync(directory);
        string stored = Path.Combine(instance.Root, "code/.store/answer-1/lib/answers");
        Directory.CreateDirectory(stored);
        File.Move(Path.Combine(instance.SitePackages, "answer.so"), Path.Combine(stored, "answer.so"));
        File.CreateSymbolicLink(Path.Combine(instance.SitePackages, "answers"), "../../../../.store/answer-1/lib/answers");
        Assert.AreEqual("42\n", await Run.OutputAsync(instance.InBin("python"), ["-c", "import answers.answer; print(answers.answer.value)"]));
    }

    [TestMethod]
    public async Task Nothing_is_loaded_before_a_module_of_the_release_is()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = await CreateAsync(directory);
        string output = await Run.OutputAsync(instance.InBin("python"), ["-c", """
            import sys, _json
            def seen():
                return "_lava_libraries" in sys.modules, "_ctypes" in sys.modules, "libbase" in open("/proc/self/maps").read()
            print(seen(), "ctypes" in sys.modules)
            import answer
            print(seen(), "ctypes" in sys.modules)
            """]);
        Assert.AreEqual("(True, False, False) False\n(True, True, True) False\n", output);
    }

    [TestMethod]
    public async Task Threads_forks_and_subinterpreters_load_them_too()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = await CreateAsync(directory);
        string output = await Run.OutputAsync(instance.InBin("python"), ["-c", """
            import os, threading, importlib, _lava_libraries
            # A fork while another thread is loading: the child must not wait for a thread that it does not have.
            held, release = threading.Event(), threading.Event()
            def hold():
                with _lava_libraries._lock:
                    held.set()
                    release.wait()
            holder = threading.Thread(target=hold)
            holder.start()
            held.wait()
            child = os.fork()
            if child == 0:
                import answer
                os._exit(answer.value)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            release.set()
            holder.join()
            results = []
            threads = [threading.Thread(target=lambda: results.append(importlib.import_module("answer").value)) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(results)
            """]);
        Assert.AreEqual("42\n[42, 42, 42, 42, 42, 42, 42, 42]\n", output);
        output = await Run.OutputAsync(instance.InBin("python"), ["-c", """
            import _xxsubinterpreters as interpreters
            other = interpreters.create()
            interpreters.run_string(other, "import answer; print(answer.value, flush=True)")
            interpreters.destroy(other)
            import answer
            print(answer.value)
            """]);
        Assert.AreEqual("42\n42\n", output);
    }

    [TestMethod]
    public async Task A_library_that_cannot_be_loaded_is_named()
    {
        using TemporaryDirectory directory = new();
        FakeInstance instance = await CreateAsync(directory);
        File.Delete(instance.InRelease("usr/lib/libupper.so.1"));
        Ran ran = await Run.ProgramAsync(instance.InBin("python"), ["-c", "import answer"]);
        Assert.AreEqual(1, ran.ExitCode);
        StringAssert.Contains(ran.Error, "ImportError: the library usr/lib/libupper.so.1, which answer may need, cannot be loaded: ");
    }

    private static async Task<FakeInstance> CreateAsync(TemporaryDirectory directory)
    {
        FakeInstance instance = new(Path.Combine(directory.Path, "it's odd"));
        string libraries = instance.InRelease("usr/lib");
        Directory.CreateDirectory(libraries);
        string lower = Path.Combine(libraries, "libbase.so.1");
        string upper = Path.Combine(libraries, "libupper.so.1");
        await Compiler.SharedAsync(lower, "libbase.so.1", "int base(void) { return 40; }");
        await Compiler.SharedAsync(upper, "libupper.so.1", "int base(void); int upper(void) { return base() + 2; }", lower);
        await Compiler.SharedAsync(Path.Combine(instance.SitePackages, "answer.so"), "answer.so", Module, upper, $"-Wl,-rpath-link,{libraries}");
        foreach ((string file, string text) in PythonLibraries.All(["usr/lib/libbase.so.1", "usr/lib/libupper.so.1"]))
        {
            await File.WriteAllTextAsync(Path.Combine(instance.SitePackages, file), text);
        }

        return instance;
    }
}
