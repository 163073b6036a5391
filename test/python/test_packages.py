"""What is installed, upgraded or removed while Python runs."""

import importlib
import os
import pathlib
import sys
import tempfile
import unittest

from code_mode import packages
from code_mode.records import InstallResult, RemoveResult


class Site:
    """A folder of packages on the search path, as an installer leaves it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder, "site-packages")
        self.folder.mkdir()
        self._before = set(sys.modules), list(sys.path)
        sys.path.append(str(self.folder))

    def install(self, name, version, files, record=True, top_level=None):
        self.remove(name)
        for path, text in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: It is small.\n")
        if record:
            (info / "RECORD").write_text("".join(f"{path},,\n" for path in [*files, f"{info.name}/METADATA"]))
        if top_level is not None:
            (info / "top_level.txt").write_text(top_level)

    def remove(self, name):
        for info in self.folder.glob(f"{name.replace('-', '_')}-*.dist-info"):
            record = info / "RECORD"
            files = [line.split(",")[0] for line in record.read_text().splitlines()] if record.exists() else []
            for file in files:
                (self.folder / file).unlink()
            for file in list(info.iterdir()):
                file.unlink()
            info.rmdir()

    def close(self):
        modules, path = self._before
        for name in set(sys.modules) - modules:
            module = sys.modules[name]
            if str(self.folder) in str(getattr(module, "__file__", "")) or str(self.folder) in str(getattr(module, "__path__", "")):
                del sys.modules[name]
        sys.path[:] = path
        packages._known.clear()
        sys.path_importer_cache.pop(str(self.folder), None)
        importlib.invalidate_caches()


class Refreshing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(os.path.realpath(folder.name))
        self.addCleanup(self.site.close)

    def test_lets_what_is_new_be_imported(self):
        with self.assertRaises(ImportError):
            import cm_fresh
        self.site.install("cm-fresh", "1.0", {"cm_fresh.py": "x = 1"})
        self.assertEqual(packages.refresh(["cm-fresh"]), [])
        import cm_fresh

        self.assertEqual(cm_fresh.x, 1)
        self.assertEqual(packages.installed_version("cm-fresh"), "1.0")
        self.assertEqual(packages.installed_version("CM_Fresh"), "1.0")
        # The host tells the change that the code has heard of already.
        self.assertEqual(packages.refresh(["cm-fresh"]), [])

    def test_names_what_was_imported_before_and_is_another_version_now(self):
        self.site.install("cm-old", "1.0", {"cm_old/__init__.py": "x = 1", "cm_old/part.py": "", "cm_other.py": ""})
        self.site.install("cm-beside", "1.0", {"cm_beside.py": ""})
        packages.refresh(["cm-old", "cm-beside"])
        import cm_beside
        import cm_old.part

        self.site.install("cm-old", "2.0", {"cm_old/__init__.py": "x = 2", "cm_old/part.py": "", "cm_other.py": ""})
        self.assertEqual(packages.refresh(["cm-old"]), ["cm_old"])
        self.assertEqual(packages.refresh(["cm-old", "cm-beside"]), ["cm_old"], "as long as it is so")
        sys.path_importer_cache[str(self.site.folder)].invalidate_caches()
        for name in ("cm_old", "cm_old.part"):
            del sys.modules[name]
        import cm_old

        self.assertEqual(cm_old.x, 2)
        self.assertEqual(packages.refresh(["cm-old"]), [], "it was imported again")
        self.assertIs(sys.modules["cm_beside"], cm_beside)

    def test_takes_a_module_that_says_the_new_version_for_it(self):
        self.site.install("cm-says", "1.0", {"cm_says.py": "__version__ = '1.0'"})
        importlib.invalidate_caches()
        import cm_says

        # Imported by code that ran between the installation and the word of it.
        self.assertEqual(packages.refresh(["cm-says"]), [])
        self.assertEqual(cm_says.__version__, "1.0")

    def test_names_what_is_gone(self):
        self.site.install("cm-gone", "1.0", {"cm_gone.py": ""})
        self.site.install("cm-moved", "1.0", {"cm_moved.py": ""})
        packages.refresh(["cm-gone", "cm-moved"])
        import cm_gone
        import cm_moved

        self.site.remove("cm-gone")
        self.site.install("cm-moved", "2.0", {"cm_moved/__init__.py": ""})
        self.assertEqual(packages.refresh(["cm-gone", "cm-moved"]), ["cm_gone", "cm_moved"])
        self.assertEqual(packages.installed_version("cm-gone"), "")
        self.assertTrue(cm_gone and cm_moved)

    def test_tells_the_parts_of_a_shared_name_apart(self):
        self.site.install("cm-shared-a", "1.0", {"cm_shared/a.py": ""})
        self.site.install("cm-shared-b", "1.0", {"cm_shared/b.py": ""})
        packages.refresh(["cm-shared-a", "cm-shared-b"])
        import cm_shared.a

        self.site.install("cm-shared-b", "2.0", {"cm_shared/b.py": ""})
        self.assertEqual(packages.refresh(["cm-shared-b"]), [])
        self.site.install("cm-shared-a", "2.0", {"cm_shared/a.py": ""})
        self.assertEqual(packages.refresh(["cm-shared-a"]), ["cm_shared"])

    def test_reads_the_old_list_of_names_where_there_is_no_record(self):
        self.site.install("cm-unrecorded", "1.0", {"cm_unrecorded.py": ""}, record=False, top_level="cm_unrecorded\n")
        packages.refresh(["cm-unrecorded"])
        import cm_unrecorded

        self.site.install("cm-unrecorded", "2.0", {"cm_unrecorded.py": ""}, record=False, top_level="cm_unrecorded\n")
        self.assertEqual(packages.refresh(["cm-unrecorded"]), [cm_unrecorded.__name__])

    def test_processes_path_files_once(self):
        (self.site.folder / "cm_added").mkdir()
        (self.site.folder / "cm_added" / "cm_by_path.py").write_text("")
        path = "import sys; sys.cm_processed = getattr(sys, 'cm_processed', 0) + 1\ncm_added\n"
        self.site.install("cm-path", "1.0", {"cm_path.pth": path, "cm_path/not_this.pth": path})
        packages.refresh(["cm-path"])
        packages.refresh(["cm-path"])
        self.addCleanup(lambda: delattr(sys, "cm_processed"))
        self.assertEqual(sys.cm_processed, 1)
        import cm_by_path

        self.assertEqual(sys.path.count(os.path.dirname(cm_by_path.__file__)), 1)

    def test_takes_whatever_it_is_given(self):
        sys.modules["cm_odd"] = 7
        self.addCleanup(lambda: sys.modules.pop("cm_odd"))
        self.assertEqual(packages.refresh([]), [])
        self.assertEqual(packages.refresh(["cm-never", "", "a b"]), [])

    def test_results_say_what_became_of_packages(self):
        self.site.install("cm-said", "1.5", {"cm_said.py": ""})
        importlib.invalidate_caches()
        installed = InstallResult(["CM_Said[extra]>=1"], ["not-there>=2"], [{"package": "nope", "reason": "No such\nthing."}])
        self.assertEqual(
            repr(installed), "Installed: CM_Said 1.5\nAlready there: not-there>=2\nFailed: nope: No such\nthing."
        )
        self.assertEqual(dict(installed)["installed"], ["CM_Said[extra]>=1"])
        self.assertIsNone(installed._repr_html_())
        self.assertEqual(repr(InstallResult()), "Nothing to do")
        self.assertEqual(repr(RemoveResult(["a", "b"], ["c"], [], True)), "Removed: a, b\nNot installed: c")
        self.assertEqual(repr(RemoveResult([], ["c"], [], True)), "Taken out of the configuration\nNot installed: c")


if __name__ == "__main__":
    unittest.main()
