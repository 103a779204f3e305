"""Every address of the house, from its rooms."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from programmes.views import homes, institution, mine, quiet

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door, one lockout, one MFA

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("peerhub.accounts.urls")),
    path("", include("peerhub.institution.urls")),
    path("", include("peerhub.common.urls")),
    path("", include("peerhub.demo.urls")),
    path("home/", homes.home, name="home"),
    path("home/as/<slug:role>/", homes.home_as, name="home_as"),
    path("home/student/", homes.home_student, name="home_student"),
    path("home/leader/", homes.home_leader, name="home_leader"),
    path("home/coordinator/", homes.home_coordinator, name="home_coordinator"),
    path("home/staff/", homes.home_staff, name="home_staff"),
    path("home/supervisor/", homes.home_supervisor, name="home_supervisor"),
    path("my/sessions/", mine.my_sessions, name="my_sessions"),
    path("my/students/", mine.students, name="my_students"),
    path("my/students/quiet/", quiet.my_quiet, name="my_quiet"),
    path("home/institution/", institution.home_institution, name="home_institution"),
    path("home/institution/<slug:table>.csv", institution.institution_download, name="institution_download"),
    path("", include("training.urls")),
    path("", include("programmes.urls")),
]
